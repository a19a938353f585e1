package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
