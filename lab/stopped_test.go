package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
	"engram/internal/durable"
)

// countdown is a context that counts as cancelled once it was asked so often since it was armed.
type countdown struct {
	context.Context
	armed bool
	left  int
}

func (c *countdown) Err() error {
	if !c.armed {
		return nil
	}
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// arming arms a countdown at the metrics of an update.
type arming struct {
	witness
	update int64
	arm    *countdown
}

func (a *arming) Metrics(m drqn.Metrics) error {
	a.arm.armed = a.arm.armed || m.Update == a.update
	return nil
}

// TestStopInTheLastEvaluations checks that runs that are stopped after the last update, in the last evaluation or in
// the final one, become what they become without the stop.
func TestStopInTheLastEvaluations(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.Go)
	for name, arrange := range map[string]func(*drqn.Config){
		"metrics at each update": func(c *drqn.Config) { c.EvalEvery, c.MetricsEvery = 12, 1 },
		"metrics at the end":     func(c *drqn.Config) { c.EvalEvery, c.MetricsEvery = 1, 1000 },
	} {
		t.Run(name, func(t *testing.T) {
			for _, k := range []int{1, 2} {
				whole, stopped := jobs(t, t.TempDir(), k), jobs(t, t.TempDir(), k)
				for i := range whole {
					arrange(&whole[i].Config)
					arrange(&stopped[i].Config)
				}
				trainTo(t, b, whole, 0)
				at := int64(11)
				if whole[0].Config.MetricsEvery > 12 {
					at = 12 // in the final evaluation: those before are reported by then
				}
				for _, left := range []int{7, 40, 200} {
					ctx := &countdown{Context: t.Context(), left: left}
					if _, err := Train(ctx, stopped, b, backend.Go, &arming{update: at, arm: ctx}); err != nil &&
						!errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
				}
				trainTo(t, b, stopped, 0)
				equalRuns(t, fmt.Sprintf("%s, K = %d", name, k), stopped, whole)
				about(t, stopped[0].Dir, whole[0].Dir)
			}
		})
	}
}

func about(t *testing.T, got, want string) {
	t.Helper()
	g, errG := Open(got)
	w, errW := Open(want)
	if err := errors.Join(errG, errW); err != nil {
		t.Fatal(err)
	}
	if g.About.Trials != w.About.Trials || g.About.Reward != w.About.Reward || g.About.State != Finished {
		t.Errorf("%+v, uninterrupted %+v", g.About, w.About)
	}
}

// TestFinalEvaluationOfAPopulation checks that both runs have their final evaluation once, although only one was
// concluded when the process died.
func TestFinalEvaluationOfAPopulation(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	whole, stopped := jobs(t, t.TempDir(), 2), jobs(t, t.TempDir(), 2)
	for _, list := range [][]Job{whole, stopped} {
		trainTo(t, b, list, 0)
	}
	path := filepath.Join(stopped[1].Dir, runFile)
	var unfinished About
	if err := readJSON(path, &unfinished); err != nil {
		t.Fatal(err)
	}
	unfinished.State, unfinished.Result = Running, nil
	if err := writeJSON(path, unfinished); err != nil {
		t.Fatal(err)
	}
	finished, touched := filepath.Join(stopped[0].Dir, runFile), 0
	stop := durable.Observe(func(step, path string) {
		if step == "rename" && path == finished {
			touched++
		}
	})
	trainTo(t, b, stopped, 0)
	stop()
	equalRuns(t, "one was concluded", stopped, whole)
	if touched > 0 {
		t.Errorf("run.json of the finished run was replaced %d times", touched)
	}
}

// TestStoppedResumeKeepsShares checks that a resume that is stopped before its first update leaves the checkpoints as
// good as they were.
func TestStoppedResumeKeepsShares(t *testing.T) {
	b, list := backendtest.Open(t, backend.Go), jobs(t, t.TempDir(), 1)
	list[0].Config.CheckpointEvery, list[0].Config.EvalEvery = 3, 3
	trainTo(t, b, list, 6)
	before := shares(t, list[0].Dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(ctx, list, b, backend.Go, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if after := shares(t, list[0].Dir); !maps.Equal(before, after) || len(before) == 0 {
		t.Errorf("the checkpoints' shares were %v, and are %v after a resume that did nothing", before, after)
	}
}

// shares returns the shares of a run's checkpoints that have one.
func shares(t *testing.T, dir string) map[int64]float64 {
	t.Helper()
	updates, err := checkpointsOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[int64]float64{}
	for _, u := range updates {
		m, err := readManifest(checkpointPath(dir, u), u)
		if err != nil {
			t.Fatal(err)
		}
		if m.Share != nil {
			found[u] = *m.Share
		}
	}
	return found
}

// TestEarnedCountsAll checks that the trials that a run trained on are all that ended, also where it stopped between
// two metrics.
func TestEarnedCountsAll(t *testing.T) {
	c := drqntest.Small(t)
	c.Task, c.TaskOptions = "TemporalOrder", json.RawMessage(`{"wrong":0}`)
	c.EvalEvery, c.EvalTrials, c.StopAt, c.MetricsEvery, c.Updates = 5, 40, 0.1, 7, 1000
	runs, err := Train(t.Context(), []Job{{Dir: filepath.Join(t.TempDir(), "run"), Config: c}},
		backendtest.Open(t, backend.Go),
		backend.Go, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := runs[0]
	told, _, err := r.earned()
	if err != nil {
		t.Fatal(err)
	}
	steps := (int64(c.LearnAfter) + r.About.Updates*int64(c.UpdateEvery)) / int64(c.Environments)
	if want := steps / 7 * int64(c.Environments); r.About.Trials != want || told >= want { // 7 steps a trial
		t.Errorf("%d trials of %d; the metrics report %d", r.About.Trials, want, told)
	}
	if r.About.Reward < 0.2*float64(r.About.Trials) || r.About.Reward > 0.8*float64(r.About.Trials) {
		t.Errorf("a reward of %v for %d trials of which half are right", r.About.Reward, r.About.Trials)
	}
}

// TestEarlierEvaluations checks that lines without a trial_ceiling, of earlier versions, are read.
func TestEarlierEvaluations(t *testing.T) {
	r := train(t, filepath.Join(t.TempDir(), "run"))
	line := `{"task":"GoNogo","update":0,"trials":5,"reward_per_trial":0.25,"share_of_ceiling":0.5,` +
		`"accuracy":0.5,"seed":7}` + "\n"
	if err := os.WriteFile(filepath.Join(r.Dir, evaluationsFile), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	want := drqn.Evaluation{Task: "GoNogo", Trials: 5, RewardPerTrial: 0.25, ShareOfCeiling: 0.5, Accuracy: 0.5,
		Seed: 7}
	if e, err := r.Evaluations(); err != nil || len(e) != 1 || e[0] != want {
		t.Errorf("%+v, %v", e, err)
	}
}
