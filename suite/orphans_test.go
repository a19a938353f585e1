package suite

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/internal/lock"
)

// ofTwo returns the arguments of a suite of two runs at a time.
func ofTwo(dir, updates string) []string {
	return strings.Fields("suite run --tasks GoNogo --seeds 2 --workers 2 --backend go --set hidden=6 --set " +
		"input_size=4 --set batch=4 " +
		"--set learn_after=40 --set eval_every=100000 --set eval_trials=5 --set updates=" + updates + " --out " + dir)
}

// killed begins a suite, kills it as its two runs train, and returns their processes.
func killed(t *testing.T, dir string, arguments []string) (children []int) {
	t.Helper()
	suite := exec.Command(engram, arguments...)
	if err := suite.Start(); err != nil {
		t.Fatal(err)
	}
	for _, seed := range []string{"seed-0", "seed-1"} {
		eventually(t, seed+" does not train", func() bool {
			h, held := lock.HolderOf(filepath.Join(dir, "GoNogo", "mpn", seed))
			if held {
				children = append(children, h.PID)
			}
			return held
		})
	}
	if err := suite.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	suite.Wait()
	return children
}

// TestKilledSuite checks that the runs of a killed suite end soon, however much they have to do.
func TestKilledSuite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "suite")
	for _, pid := range killed(t, dir, ofTwo(dir, "1000000")) {
		eventually(t, "a run outlives its suite", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	}
}

// TestKilledSuiteGoesOn checks that a suite that was killed and is called again at once is completed, and no run fails.
func TestKilledSuiteGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "suite")
	arguments := ofTwo(dir, "200")
	killed(t, dir, arguments)
	said, err := exec.Command(engram, arguments...).CombinedOutput()
	if err != nil || strings.Contains(string(said), "FAILED") || !strings.Contains(string(said), "2 runs are there") {
		t.Errorf("called again it ends with %v: %s", err, said)
	}
}

// eventually waits for up to ten seconds.
func eventually(t *testing.T, otherwise string, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(otherwise)
}
