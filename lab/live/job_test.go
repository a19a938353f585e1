package live

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/lab"
)

// printed returns what a function prints.
func printed(t *testing.T, f func() error) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(r)
		said <- all
	}()
	stdout := os.Stdout
	os.Stdout = w
	err = f()
	os.Stdout = stdout
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(<-said))
}

// A run that is stopped says so, and continues to the result that it would have had.
func TestJobIsStoppedAndGoneOnWith(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	folder := t.TempDir()
	stopped := lab.Job{Dir: filepath.Join(folder, "stopped"), Config: drqntest.Small(t)}
	straight := lab.Job{Dir: filepath.Join(folder, "straight"), Config: stopped.Config}

	if said := printed(t, func() error {
		return RunJobUntil("learning", stopped,
			6)
	}); said != "stopped after update 6 - run the cell again to go on" {
		t.Errorf("it said %q", said)
	}
	run, err := lab.Open(stopped.Dir)
	if err != nil || run.About.State != lab.Interrupted || run.About.Updates != 6 {
		t.Fatalf("%v: the run is %s after update %d", err, run.About.State, run.About.Updates)
	}
	want := printed(t, func() error { return RunJob("learning", straight) })
	if !strings.HasPrefix(want, "12 updates on go; greedy, over 2000 fresh trials: ") {
		t.Errorf("it said %q", want)
	}
	for _, sitting := range []string{"the second sitting", "a third, of a finished run,"} {
		if said := printed(t, func() error { return RunJob("learning", stopped) }); said != want {
			t.Errorf("%s said %q, without a stop %q", sitting, said, want)
		}
	}
}

// What cannot be trained is an error of the cell.
func TestJobThatCannotBeTrained(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	job := lab.Job{Dir: filepath.Join(t.TempDir(), "run"), Config: drqntest.Small(t)}
	job.Config.Batch = 0
	if err := RunJob("learning", job); err == nil || !strings.Contains(err.Error(), "batch") {
		t.Errorf("a batch of none: %v", err)
	}
}
