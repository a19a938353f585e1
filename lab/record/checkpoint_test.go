package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/lab"
)

// The error of a checkpoint that a run does not have lists those that it has.
func TestUnknownCheckpoint(t *testing.T) {
	t.Parallel()
	const there = "../testdata/run-format-2"
	run, err := lab.Open(there)
	if err != nil {
		t.Fatal(err)
	}
	updates, err := run.Checkpoints()
	if err != nil || len(updates) < 2 {
		t.Fatal(updates, err)
	}
	for _, name := range []string{"7", "-1", "newest", ""} {
		_, _, err := Policy(run, name, nil)
		if err == nil || !strings.Contains(err.Error(), "use last, best or an update: it has ") ||
			!strings.HasSuffix(err.Error(), "6") {
			t.Errorf("%q: %v", name, err)
		}
	}
	without := t.TempDir()
	if err := os.CopyFS(without, os.DirFS(there)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(without + "/checkpoints"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"last", "best", "6"} {
		_, _, err := Policy(&lab.Run{Dir: without, Config: run.Config}, name, nil)
		if err == nil || !strings.Contains(err.Error(), "has no folder checkpoints: put a copy of it back") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Too few trials, and more than the disk has room for, are refused before anything is recorded.
func TestCheck(t *testing.T) {
	t.Parallel()
	p := drqntest.Policy(t, "default", map[string]string{"task": "GoNogo", "hidden": "6"})
	path := filepath.Join(t.TempDir(), "a.npz")
	for trials, want := range map[int]string{-3: "invalid trials -3: use 1 or more", 0: "invalid trials 0", 1: "",
		1 << 50: "1125899906842624 trials could take "} {
		err := Check(p, path, Options{Trials: trials})
		_, failed := Write(t.Context(), p, path, Options{Trials: trials})
		for _, err := range []error{err, failed} {
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%d trials: %v, want %q", trials, err, want)
			}
		}
	}
}
