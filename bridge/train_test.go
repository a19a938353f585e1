package bridge_test

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"engram/bridge"
	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
	"engram/lab/report"
	"engram/lab/watch"
)

// config returns a small config of an environment.
func config(t *testing.T, settings map[string]string) drqn.Config {
	t.Helper()
	c, err := drqn.Preset("general")
	if err != nil {
		t.Fatal(err)
	}
	small := map[string]string{"cell": "gru", "hidden": "12", "readout": "0", "input": "identity", "window": "8",
		"batch": "16", "learn_after": "500", "pass_action": "false"}
	for name, text := range settings {
		small[name] = text
	}
	if c, err = drqn.Assemble(c, small); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLearns trains an agent in POPGym's RepeatFirstEasy through a worker: acting at random has a return of -0.5, the
// best is 1.
func TestLearns(t *testing.T) {
	if testing.Short() {
		return // too slow under the race detector, which TestResumes covers
	}
	c := config(t, map[string]string{"task": "popgym:popgym-RepeatFirstEasy-v0", "ceiling": "1", "floor": "-1",
		"reward_scale": "20", "gamma": "0.1", "n_step": "1", "updates": "1200", "eval_every": "0", "batch": "32",
		"window": "12", "exploration_fraction": "0.4"})
	run, err := train(context.Background(), filepath.Join(t.TempDir(), "run"), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := run.About.Result; *e.MeanReturn < 0.5 || e.Episodes != 100 || e.MeanSteps != 51 || e.ShareOfCeiling < 0.75 {
		t.Errorf("after training %+v, want a return of 0.5 or more", *e)
	}
	actsInPython(t, run)
}

// actsInPython lets the run's agent act in POPGym itself, as docs/python.md shows: it earns what it earned here.
func actsInPython(t *testing.T, run *lab.Run) {
	t.Helper()
	python := exec.CommandContext(t.Context(), bridge.Python(), "-W", "ignore", "-c", `
import sys
import engram, gymnasium, popgym
env = gymnasium.make("popgym-RepeatFirstEasy-v0")
print(engram.load(sys.argv[1]).agent(env).play(env, count=100, seed=1).mean())
`, run.Dir)
	python.Env = append(os.Environ(), "PYTHONPATH=../python")
	out, err := python.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mean, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	e := run.About.Result
	if within := 5 * math.Sqrt2 * *e.ReturnSD / math.Sqrt(float64(e.Episodes)); err != nil ||
		math.Abs(mean-*e.MeanReturn) > within+1e-6 {
		t.Errorf("in Python a return of %v, here %v +- %v, %v", mean, *e.MeanReturn, within, err)
	}
}

// train trains a run on the Go backend.
func train(ctx context.Context, dir string, c drqn.Config, w lab.Watcher) (*lab.Run, error) {
	b, err := gobackend.Open()
	if err != nil {
		return nil, err
	}
	defer b.Finalize()
	runs, err := lab.Train(ctx, []lab.Job{{Dir: dir, Config: c}}, b, "go", w)
	if err != nil {
		return nil, err
	}
	return runs[0], nil
}

// TestResumes stops a run in mid-episode, and fails it in another way where its environment raises: resumed in new
// processes, it has the digest of a run that was not stopped. It knows its environment without Python.
func TestResumes(t *testing.T) {
	dir := t.TempDir()
	c := config(t, map[string]string{"task": "testdata.odd:fails", "updates": "40", "learn_after": "100",
		"checkpoint_every": "10", "metrics_every": "10", "eval_every": "20", "eval_trials": "5", "environments": "3"})
	whole, err := train(context.Background(), filepath.Join(dir, "whole"), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	path := filepath.Join(dir, "stopped")
	if _, err := train(ctx, path, c, &watcher{at: 20, do: stop}); err == nil {
		t.Fatal("the run was not stopped")
	}
	bridge.CloseIdle()
	t.Setenv("ENGRAM_TEST_FAILS", "1") // of new workers
	_, err = train(context.Background(), path, c, nil)
	if err == nil || !strings.Contains(err.Error(), "ValueError: it fails") {
		t.Fatalf("where the environment fails: %v", err)
	}
	t.Setenv("ENGRAM_TEST_FAILS", "")
	resumed, err := train(context.Background(), path, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, errWhole := whole.Digest()
	got, errResumed := resumed.Digest()
	if errWhole != nil || errResumed != nil || want.SHA256 != got.SHA256 {
		t.Errorf("digest %s, want %s (%v, %v)", got.SHA256, want.SHA256, errResumed, errWhole)
	}
	if r, again := whole.About.Random, resumed.About.Random; r == nil || r.Episodes != 100 || r.Steps != 10 ||
		math.Abs(r.Mean-10) > 1 || again == nil || *again != *r { // ten rewards of 0, 1 or 2
		t.Errorf("acting at random earns %+v, resumed %+v", r, again)
	}
	w, err := watch.New(whole.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if views := w.Look(); len(views) != 1 || views[0].Random == nil || views[0].Random.Mean != whole.About.Random.Mean {
		t.Errorf("a list of runs has %+v", views)
	}
	if d := resumed.About.Environment; d == nil || d.Package != "testdata" || d.Gymnasium == "" {
		t.Errorf("run.json has the environment %+v", d)
	}
	page, err := report.Write(context.Background(), resumed, "")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "reward per episode") {
		t.Errorf("the report has no returns, %v", err)
	}
}

// An environment that cannot be replayed is said to be so at the start, and a resumed run begins new
// episodes in it.
func TestNotExact(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := config(t, map[string]string{"task": "testdata.odd:unlucky", "updates": "20", "learn_after": "100",
		"checkpoint_every": "10", "metrics_every": "10", "eval_every": "0", "environments": "2"})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := &watcher{at: 10, do: stop}
	if _, err := train(ctx, dir, c, w); err == nil {
		t.Fatal("the run was not stopped")
	}
	if !strings.Contains(w.said, "is not, to the last bit, the one that was not stopped") {
		t.Errorf("at the start it said %q", w.said)
	}
	if _, err := train(context.Background(), dir, c, nil); err != nil {
		t.Error(err)
	}
}

// TestNaN checks that an observation that is NaN ends a run with one line that names it, and the run stays as it was.
func TestNaN(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := config(t, map[string]string{"task": "testdata.odd:nans", "updates": "20", "eval_every": "0",
		"environments": "2"})
	_, err := train(context.Background(), dir, c, nil)
	if err == nil || !strings.Contains(err.Error(), "NaN") || !strings.Contains(err.Error(), "observation") ||
		strings.Contains(err.Error(), "\n") {
		t.Fatalf("%v", err)
	}
	if r, err := lab.Open(dir); err != nil || r.About.State != lab.Failed || !strings.Contains(r.About.Error, "NaN") {
		t.Errorf("the run is %+v, %v", r, err)
	}
}

// watcher does something at an update, and keeps the notices.
type watcher struct {
	at   int64
	do   func()
	said string
}

// Metrics implements drqn.Observer.
func (w *watcher) Metrics(m drqn.Metrics) error {
	if m.Update == w.at {
		w.do()
	}
	return nil
}

// Evaluation implements drqn.Observer.
func (w *watcher) Evaluation(int, drqn.Evaluation) error { return nil }

// Notice implements lab.Watcher.
func (w *watcher) Notice(line string) { w.said += line }
