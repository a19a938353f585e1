package sweep

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
	"engram/sweep/search"
)

// quickTraining returns a study that trains small agents for a moment.
func quickTraining(trials int) Study {
	return Study{Trials: trials, Sampler: search.Method{Kind: "halton"},
		Space: search.Space{search.Log("learning_rate", 1e-4, 1e-2), search.Float("eta", -1, 1)},
		Goal: Goal{Kind: "train", Set: Settings{"task": "GoNogo", "hidden": "6", "input_size": "4", "batch": "4",
			"updates": "24", "learn_after": "40",
			"eval_every": "8", "eval_trials": "40", "metrics_every": "8", "checkpoint_every": "8"}}}
}

// goBackend trains in plain Go: what is tested is the sweep.
var goBackend = Options{Backend: func() (compute.Backend, string, error) {
	b, err := gobackend.Open()
	return b, "go", err
}}

// outcomes returns the values of all trials.
func outcomes(t *testing.T, dir string) []float64 {
	t.Helper()
	r, _ := checked(t, dir)
	trials, err := r.Trials()
	if err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, trial := range trials {
		if trial.Value == nil {
			t.Fatalf("trial %d is %s: %s", trial.Trial, trial.State, trial.Reason)
		}
		values = append(values, *trial.Value)
	}
	return values
}

// A study that trains fails without a backend, before it tries anything.
func TestTrainingNeedsABackend(t *testing.T) {
	dir := made(t, quickTraining(2))
	if err := Work(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "no Backend") {
		t.Errorf("without a backend: %v", err)
	}
	if r, _ := checked(t, dir); len(r.view.trials) != 0 {
		t.Errorf("%d trials were begun", len(r.view.trials))
	}
}

// Trials that train together as one population give what they give alone.
func TestPackedTrialsEqualLoneOnes(t *testing.T) {
	t.Parallel()
	s := quickTraining(4)
	s.Goal.Seeds = 2
	alone, packed := made(t, s), made(t, s)
	worked(t, alone, goBackend)
	o := goBackend
	o.Pack = 4
	worked(t, packed, o)
	a, b := outcomes(t, alone), outcomes(t, packed)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-9 {
			t.Errorf("trial %d: %g alone, %g packed", i, a[i], b[i])
		}
	}
	for _, measure := range []string{measureLast, measureBest, measureUpdatesTo} { // of the same runs
		t.Run(measure, func(t *testing.T) {
			s.Goal.Measure = measure
			o, err := newTraining(s.Goal, s.Space, nil)
			if err != nil {
				t.Fatal(err)
			}
			for trial := range s.Trials {
				one, together := o.measured(t, alone, trial), o.measured(t, packed, trial)
				if math.Abs(one-together) > 1e-9 {
					t.Errorf("trial %d: %g alone, %g packed", trial, one, together)
				}
				if measure == measureLast && one != a[trial] {
					t.Errorf("trial %d: %g, and the study has %g", trial, one, a[trial])
				}
			}
		})
	}
	run, err := lab.Open(filepath.Join(packed, runsDir, "000003", "seed-1"))
	if err != nil {
		t.Fatal(err)
	}
	if run.About.State != lab.Finished || len(run.About.Population) != 8 || run.Config.Seed != 1 {
		t.Errorf("a packed run is %s, of %d, with seed %d", run.About.State, len(run.About.Population), run.Config.Seed)
	}
}

// measured returns the value of a trial of a study whose runs have ended.
func (t *training) measured(test *testing.T, study string, trial int) float64 {
	test.Helper()
	var runs []*lab.Run
	for seed := range t.goal.Seeds {
		r, err := lab.Open(filepath.Join(RunsOf(study, trial), seedDir(seed)))
		if err != nil {
			test.Fatal(err)
		}
		runs = append(runs, r)
	}
	value, err := t.value(runs)
	if err != nil {
		test.Fatal(err)
	}
	return value
}

// A trial whose worker is stopped or killed is resumed from its run's last checkpoint, and ends as if it had not been
// interrupted.
func TestATrialGoesOnFromItsCheckpoint(t *testing.T) {
	t.Parallel()
	s := quickTraining(1)
	s.Goal.Set["updates"], s.Goal.Set["eval_every"] = "120", "30"
	straight, stopped := made(t, s), made(t, s)
	worked(t, straight, goBackend)
	w, err := newWorker(stopped, goBackend)
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := newPack(w.objective.(*training), attempts)
	stop := cancelAt{p, 60, cancel}
	if _, err := stop.train(ctx); err == nil {
		t.Fatal("it was not stopped")
	}
	attempts[0].drop() // as if it had been killed: it has no end
	if _, status := checked(t, stopped); status.States[Lost] != 1 {
		t.Fatalf("stopped: %s", status.Line())
	}
	worked(t, stopped, goBackend)
	a, b := outcomes(t, straight), outcomes(t, stopped)
	if a[0] != b[0] {
		t.Errorf("%g straight, %g after a stop", a[0], b[0])
	}
	r, status := checked(t, stopped)
	if status.Attempts != 2 {
		t.Errorf("%d attempts", status.Attempts)
	}
	second := r.view.trials[0].attempts[1]
	if len(second.curve) == 0 || second.curve[0].Step <= 60 {
		t.Errorf("the second attempt reports %v: it should begin after the checkpoint", second.curve)
	}
	if c := r.view.trials[0].curve(); len(c) != 4 {
		t.Errorf("the trial's curve is %v, want 4 reports", c)
	}
}

// cancelAt is a pack that stops at an update.
type cancelAt struct {
	*pack
	update int64
	stop   func()
}

func (c cancelAt) train(ctx context.Context) ([]*lab.Run, error) { return c.pack.trainWatched(ctx, c) }

func (c cancelAt) Evaluation(member int, e drqn.Evaluation) error {
	if e.Update == c.update {
		c.stop()
	}
	return c.pack.Evaluation(member, e)
}

// A trial that cannot be trained fails alone, also in a pack; the reason is named, and it is tried again on request.
func TestAFailedTrialIsNamedAndRetried(t *testing.T) {
	t.Parallel()
	s := quickTraining(3)
	dir := made(t, s)
	blocked := filepath.Join(dir, runsDir, "000001")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	o := goBackend
	o.Pack = 3
	worked(t, dir, o)
	_, status := checked(t, dir)
	if status.States[Failed] != 1 || status.States[Complete] != 2 || len(status.Failed) != 1 ||
		!strings.Contains(status.Failed[0].Reason, "000001") {
		t.Fatalf("%s, failed %+v", status.Line(), status.Failed)
	}
	worked(t, dir, o) // without the option it is left alone
	if _, again := checked(t, dir); again.Attempts != status.Attempts {
		t.Errorf("%d attempts, and %d after another run", status.Attempts, again.Attempts)
	}
	o.RetryFailed = true
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	worked(t, dir, o)
	if _, after := checked(t, dir); after.States[Complete] != 3 || after.Attempts != 4 {
		t.Errorf("retried: %d attempts, %s", after.Attempts, after.Line())
	}
}

// Where everything fails, the worker sets its host aside and says so, instead of failing the whole study.
func TestAHostOnWhichEverythingFailsIsSetAside(t *testing.T) {
	dir := made(t, quickTraining(20))
	if err := os.RemoveAll(filepath.Join(dir, runsDir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, runsDir), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := Work(t.Context(), dir, goBackend)
	host, _ := os.Hostname()
	if err == nil || !strings.Contains(err.Error(), "host "+host+" is set aside: its last 5 attempts failed") {
		t.Errorf("work returns %v", err)
	}
	if _, status := checked(t, dir); status.States[Failed] != failuresInARow || len(status.Hosts) != 1 ||
		status.Hosts[0] != host {
		t.Errorf("%s, hosts %v", status.Line(), status.Hosts)
	}
}

func TestConstraintsMakeTrialsInfeasible(t *testing.T) {
	for name, constrain := range map[string]func(*Goal){"max_seconds": func(g *Goal) { g.MaxSeconds = 1e-6 },
		"max_memory_mb": func(g *Goal) { g.MaxMemoryMB = 1 }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := quickTraining(2)
			constrain(&s.Goal)
			dir := made(t, s)
			worked(t, dir, goBackend)
			r, status := checked(t, dir)
			trials, err := r.Trials()
			if err != nil {
				t.Fatal(err)
			}
			if status.States[Infeasible] != 2 || status.Best != nil || !strings.Contains(trials[0].Reason, name) ||
				trials[0].Step != 8 {
				t.Errorf("%s, %+v", status.Line(), trials[0])
			}
		})
	}
}

// The pruned trials of a pack end at their rung, and the others continue without them to the values that they would
// have anyway.
func TestAPackGoesOnWithoutItsPrunedTrials(t *testing.T) {
	t.Parallel()
	s := quickTraining(6)
	s.Goal.Set["updates"], s.Seed = "72", 2 // with this seed the first trial is one of the worst
	whole := made(t, s)
	worked(t, whole, goBackend)
	s.Pruner = search.Rule{Kind: "asha", First: 8, Factor: 3}
	dir := made(t, s)
	o := goBackend
	o.Pack = 6
	worked(t, dir, o)
	r, status := checked(t, dir)
	if status.States[Pruned] == 0 || status.States[Complete] == 0 || !status.Done {
		t.Fatalf("%s", status.Line())
	}
	trials, err := r.Trials()
	if err != nil {
		t.Fatal(err)
	}
	// All six reach the first rung together, so each is compared with all: two continue, and those equal to the second.
	var losses []float64
	for _, trial := range trials {
		losses = append(losses, trial.Curve[0].Loss)
	}
	second := slices.Sorted(slices.Values(losses))[1]
	for i, trial := range trials {
		if stopped := trial.State == Pruned && trial.Step == 8; stopped != (losses[i] > second) {
			t.Errorf("trial %d is %s at step %d with loss %.3f of %.3f at the first rung", i, trial.State, trial.Step,
				losses[i], losses)
		}
	}
	alone := outcomes(t, whole)
	for i, trial := range trials {
		if trial.State == Complete && math.Abs(*trial.Value-alone[i]) > 1e-9 {
			t.Errorf("trial %d has %g, and %g alone", i, *trial.Value, alone[i])
		}
	}
}

// What 'sweep best' prints is a config that trains to the same value.
func TestTheBestConfigTrainsToItsValue(t *testing.T) {
	t.Parallel()
	dir := made(t, quickTraining(4))
	worked(t, dir, goBackend)
	r, status := checked(t, dir)
	data, err := r.BestConfig()
	if err != nil {
		t.Fatal(err)
	}
	preset, err := drqn.Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	c, err := drqn.DecodeConfig(strings.NewReader(string(data)), preset)
	if err != nil {
		t.Fatal(err)
	}
	if c.LearningRate != status.Best.Values["learning_rate"] || c.Validate() != nil {
		t.Errorf("learning rate %g of %v, %v", c.LearningRate, status.Best.Values, c.Validate())
	}
	run, err := lab.Open(filepath.Join(dir, runsDir, "00000"+string(rune('0'+status.Best.Trial)), "seed-0"))
	if err != nil {
		t.Fatal(err)
	}
	var asTrained map[string]any
	written, err := json.Marshal(run.Config)
	if err == nil {
		err = json.Unmarshal(written, &asTrained)
	}
	if err != nil || run.Config.Differences(c) != "" {
		t.Errorf("the best config differs from its run's: %s, %v", run.Config.Differences(c), err)
	}
}
