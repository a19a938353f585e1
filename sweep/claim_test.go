package sweep

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"engram/internal/lock"

	"github.com/gofrs/flock"
)

// A worker that is stopped while it has the turn does not stop the others.
func TestATurnIsNotWaitedForInVain(t *testing.T) {
	dir := made(t, functionStudy("branin", "tpe", 3))
	lock := flock.New(filepath.Join(dir, studyFile))
	if taken, err := lock.TryLock(); !taken || err != nil {
		t.Fatal(taken, err)
	}
	defer lock.Close()
	worked(t, dir, Options{})
	if _, status := checked(t, dir); status.States[Complete] != 3 {
		t.Errorf("%s", status.Line())
	}
}

// Some file systems take the two names of a claimed file for two files. As a copy is: it gets what is written, and the
// lock.
func TestASecondNameThatIsAnotherFile(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 2))
	first := line{Event: eventClaim, Time: now(), Attempt: 1, Machine: lock.Boot()}
	w, err := claimFile(dir, first)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	other := first
	other.Trial = 1
	path := filepath.Join(dir, attemptsDir, attemptFile(1, 1))
	if err := os.WriteFile(path, before, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.reopen(path); err != nil {
		t.Fatal(err)
	}
	if err := w.append(line{Event: eventBeat, Time: now()}); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if rest, found := bytes.CutPrefix(after, before); err != nil || !found || !bytes.Contains(rest, []byte(eventBeat)) {
		t.Errorf("%v: %s", err, after)
	}
	for _, want := range []bool{true, false} {
		if living, err := alive(dir, other, time.Minute); err != nil || living != want {
			t.Errorf("its worker is alive: %v, want %v (%v)", living, want, err)
		}
		if err := w.close(); want && err != nil {
			t.Fatal(err)
		}
	}
}
