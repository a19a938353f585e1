package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"engram/sweep"
	"engram/sweep/search"
)

// A backend that does not work fails before a trial is begun, which would fail, too, and be set aside.
func TestASweepOnABackendThatDoesNotWork(t *testing.T) {
	s := sweep.Study{Version: sweep.Version, Goal: sweep.Goal{Kind: "train", Set: sweep.Settings{"task": "GoNogo"}},
		Space: search.Space{search.Log("learning_rate", 1e-4, 1e-2)}, Sampler: search.Method{Kind: "random"}, Trials: 2}
	dir := filepath.Join(t.TempDir(), "study")
	if err := sweep.Create(dir, s); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"worker", dir}, {"resume", dir}, {"resume", dir, "--processes"}} {
		_, stderr, code := run(t, append([]string{"sweep"}, append(args, "--backend", "abacus")...)...)
		if code != 1 || !strings.Contains(stderr, `unknown backend "abacus"`) {
			t.Errorf("sweep %v: exit code %d, %s", args, code, stderr)
		}
	}
	if begun, err := os.ReadDir(filepath.Join(dir, "attempts")); err != nil || len(begun) > 0 {
		t.Errorf("%d trials were begun: %v", len(begun), err)
	}
}

// TestSweepHyperparameters gives hyperparameters to a sweep as train takes them: the error says where a study has them.
func TestSweepHyperparameters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, want string }{
		{"--updates 600", `unknown flag: --updates: use "set": {"updates": 600} in the goal of the study file`},
		{"--learning-rate=1e-3",
			`unknown flag: --learning-rate: use "set": {"learning_rate": 1e-3} in the goal of the study file`},
		{"--task GoNogo", `unknown flag: --task: use "set": {"task": "GoNogo"} in the goal of the study file`},
		{"--nothing", "unknown flag: --nothing: 'engram sweep run --help'"},
	} {
		_, said, code := run(t, append([]string{"sweep", "run", "study.json"}, strings.Fields(c.given)...)...)
		if code != 2 || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit code %d: %s", c.given, code, said)
		}
	}
}

// TestKilledSweepOfProcesses kills 'sweep run --processes' while agents train. The worker processes end with
// it, so that their trials are lost at once; a resume completes the study, and no host is set aside.
func TestKilledSweepOfProcesses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "study")
	s := sweep.Study{Goal: sweep.Goal{Kind: "train", Set: sweep.Settings{"task": "GoNogo", "hidden": "6",
		"input_size": "4", "batch": "4", "learn_after": "40", "updates": "400", "eval_every": "20", "eval_trials": "5",
		"metrics_every": "100", "checkpoint_every": "20"}},
		Space: search.Space{search.Log("learning_rate", 1e-4, 1e-2)}, Sampler: search.Method{Kind: "random"}, Trials: 3}
	if err := sweep.Create(dir, s); err != nil {
		t.Fatal(err)
	}
	status := func() sweep.Status {
		r, err := sweep.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Status()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %s", what, status().Line())
			}
		}
	}
	resume := []string{"sweep", "resume", dir, "--processes", "--workers", "2", "--backend", "go", "--quiet"}
	parent := exec.Command(binary(), resume...)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	until("two agents have a checkpoint", func() bool {
		found, err := filepath.Glob(filepath.Join(dir, "runs", "*", "seed-0", "checkpoints", "*", "manifest.json"))
		return err == nil && len(found) >= 2 && status().States[sweep.Running] == 2
	})
	parent.Process.Kill()
	parent.Wait()
	until("the workers end with it", func() bool { return status().States[sweep.Running] == 0 })
	if s := status(); s.States[sweep.Complete] == 3 {
		t.Fatalf("nothing was killed: %s", s.Line())
	}
	ok(t, resume...)
	if s := status(); s.States[sweep.Complete] != 3 || s.Attempts < 4 || len(s.Hosts) > 0 {
		t.Errorf("%d attempts, hosts set aside %v, %s", s.Attempts, s.Hosts, s.Line())
	}
}
