package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
)

func train(t testing.TB, dir string) *Run {
	t.Helper()
	return trainAs(t, dir, drqntest.Small(t))
}

func trainAs(t testing.TB, dir string, c drqn.Config) *Run {
	t.Helper()
	runs, err := Train(context.Background(), []Job{{Dir: dir, Config: c}}, backendtest.Open(t, backend.Go),
		backend.Go, nil)
	if err != nil {
		t.Fatal(err)
	}
	return runs[0]
}

func TestRunDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "run")
	trained := train(t, dir)
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.About.State != Finished || r.About.Updates != 12 || r.About.Result == nil ||
		*r.About.Result != *trained.About.Result {
		t.Errorf("run.json says %+v", r.About)
	}
	const want = 5144310399414781397 // of seed 0
	if r.About.Result.Seed != want || r.About.Result.Trials != FinalTrials {
		t.Errorf("the final evaluation is of %d trials of seed %d, want %d of %d", r.About.Result.Trials,
			r.About.Result.Seed, FinalTrials, want)
	}
	metrics, err := r.Metrics()
	if err != nil || len(metrics) != 4 || metrics[3].Update != 12 {
		t.Errorf("metrics %+v, %v", metrics, err)
	}
	evaluations, err := r.Evaluations()
	if err != nil || len(evaluations) != 4 || evaluations[0].Update != 0 || evaluations[2].Trials != 5 {
		t.Errorf("evaluations %+v, %v", evaluations, err)
	}
	final := *r.About.Result
	if final.Final = true; evaluations[3] != final {
		t.Errorf("the last evaluation is %+v, run.json has %+v", evaluations[3], *r.About.Result)
	}
	again, err := r.Evaluate(context.Background(), FinalTrials, r.About.Result.Seed)
	if err != nil || again != *r.About.Result {
		t.Errorf("the checkpoint evaluates to %+v, %v; the trained agent to %+v", again, err, *r.About.Result)
	}
	if _, err := os.Stat(filepath.Join(dir, "run.lock")); err == nil {
		t.Error("the lock was left behind")
	}
	for _, pattern := range []string{".new-*", "*/.new-*", ".run-*", "../.run-*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestDeterministicFiles checks that files without a clock are equal byte for byte.
func TestDeterministicFiles(t *testing.T) {
	a, b := train(t, filepath.Join(t.TempDir(), "a")), train(t, filepath.Join(t.TempDir(), "b"))
	for _, name := range []string{configFile, metricsFile, evaluationsFile, "checkpoints/12/weights.json"} {
		first, err := os.ReadFile(filepath.Join(a.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(filepath.Join(b.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(first) == 0 || !bytes.Equal(first, second) {
			t.Errorf("%s differs between two runs of one config", name)
		}
	}
}

// TestExistingIsRefused checks that whatever is at the run's place stays as it is.
func TestExistingIsRefused(t *testing.T) {
	for name, make := range map[string]func(string) error{
		"folder": func(p string) error { return os.MkdirAll(filepath.Join(p, "letters"), 0o755) },
		"file":   func(p string) error { return os.WriteFile(p, []byte("precious"), 0o644) },
		"link":   func(p string) error { return os.Symlink("nowhere", p) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			if err := make(dir); err != nil {
				t.Fatal(err)
			}
			_, err := Train(context.Background(), []Job{{Dir: dir, Config: drqntest.Small(t)}},
				backendtest.Open(t, backend.Go),
				backend.Go, nil)
			if err == nil || !strings.Contains(err.Error(), "exists") {
				t.Errorf("%s: error %v", name, err)
			}
			if data, err := os.ReadFile(dir); name == "file" && (err != nil || string(data) != "precious") {
				t.Errorf("the file was changed to %q, %v", data, err)
			}
		})
	}
}

func TestNotARun(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is not a run directory") {
		t.Errorf("an empty folder: error %v", err)
	}
	if _, err := Open(filepath.Join(dir, "missing")); err == nil ||
		!strings.Contains(err.Error(), "is not a run directory") {
		t.Errorf("nothing: error %v", err)
	}
	r := train(t, filepath.Join(dir, "run"))
	config := filepath.Join(r.Dir, configFile)
	for _, text := range []string{`{"hidden": 1, "colour": 3}`, `{`, `{"task":"GoNogo"}`} {
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(r.Dir); err == nil || !strings.Contains(err.Error(), configFile) {
			t.Errorf("config %q: error %v", text, err)
		}
	}
}

// TestBadCheckpoint cuts and alters the weights: they are refused by name.
func TestBadCheckpoint(t *testing.T) {
	r := train(t, filepath.Join(t.TempDir(), "run"))
	path := filepath.Join(r.Dir, "checkpoints/12/weights.json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(good)
	altered[len(altered)/2] ^= 1
	for name, data := range map[string][]byte{"cut": good[:len(good)-9], "altered": altered, "empty": nil} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Evaluate(context.Background(), 1, 1); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s weights: error %v", name, err)
			}
		})
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Evaluate(context.Background(), 1, 1); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
		t.Errorf("no checkpoint: error %v", err)
	}
}

// stopper cancels a run at its first metrics.
type stopper struct{ cancel context.CancelFunc }

func (s stopper) Metrics(drqn.Metrics) error            { s.cancel(); return nil }
func (s stopper) Evaluation(int, drqn.Evaluation) error { return nil }
func (s stopper) Notice(string)                         {}

func TestInterruptedRunKeepsWhatItLearned(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Train(ctx, []Job{{Dir: dir, Config: drqntest.Small(t)}},
		backendtest.Open(t, backend.Go), backend.Go, stopper{cancel})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	r, err := Open(dir)
	if err != nil || r.About.State != Interrupted || r.About.Updates != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	if e, err := r.Evaluate(context.Background(), 5, 1); err != nil || e.Update != 3 {
		t.Errorf("evaluated %+v, %v", e, err)
	}
}

func TestUnfinishedLineIsLeft(t *testing.T) {
	r := train(t, filepath.Join(t.TempDir(), "run"))
	path := filepath.Join(r.Dir, metricsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if metrics, err := r.Metrics(); err != nil || len(metrics) != 3 {
		t.Errorf("%d metrics, %v; want the 3 whole lines", len(metrics), err)
	}
	if err := os.WriteFile(path, []byte("{]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Metrics(); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("an altered line: error %v", err)
	}
}

func TestConfigFileTrainsAgain(t *testing.T) {
	r := train(t, filepath.Join(t.TempDir(), "run"))
	data, err := os.ReadFile(filepath.Join(r.Dir, configFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := drqn.DecodeConfig(bytes.NewReader(data), drqn.Config{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(drqntest.Small(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(c); err != nil || !bytes.Equal(got, want) {
		t.Errorf("config.json reads as %s, %v", got, err)
	}
}

// A run directory written before some of today's hyperparameters is read: what is missing means what it was then, so
// its agent earns what it earned.
func TestEarlierRun(t *testing.T) {
	r, err := Open("testdata/run-2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Config; c.NStep != 1 || c.TargetMix != 1 || c.Layers != 1 || c.LearningRateDecay != 0 {
		t.Errorf("what is missing became %+v", c)
	}
	e, err := r.Evaluate(context.Background(), FinalTrials, FinalSeed(r.Config.Seed))
	want := *r.About.Result
	want.Lambda = e.Lambda // which was not told then
	// it was a share of the task's ceiling
	want.TrialCeiling, want.ShareOfCeiling = e.TrialCeiling, e.RewardPerTrial/e.TrialCeiling
	if e.Accuracy != 1 || e.ShareOfCeiling != 1 {
		t.Errorf("with every trial right it earns %+v", e)
	}
	if err != nil || e != want {
		t.Errorf("it earns %+v, %v; it earned %+v", e, err, want)
	}
	if metrics, err := r.Metrics(); err != nil || len(metrics) != 3 {
		t.Errorf("%d metrics, %v", len(metrics), err)
	}
}
