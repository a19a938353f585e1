package lab

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"engram/internal/durable"
	"engram/internal/lock"
)

// holdLock lets another process hold a run's lock until it is killed, which release does.
func holdLock(t *testing.T, dir string) (release func()) {
	t.Helper()
	other := exec.Command(os.Args[0], "-test.run=^TestStanding$")
	other.Env = append(os.Environ(), "ENGRAM_TEST_HOLD_LOCK="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := other.Process.Kill(); err != nil { // kill -9: it cannot clean up
			t.Fatal(err)
		}
		if err := other.Wait(); err == nil {
			t.Error("the other process was to be killed")
		}
	}
}

// TestStanding checks that a run whose writer was killed has died, whatever its file says.
func TestStanding(t *testing.T) {
	if dir := os.Getenv("ENGRAM_TEST_HOLD_LOCK"); dir != "" {
		if _, err := lock.Acquire("run", dir, nil); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("held\n")
		select {} // until killed
	}
	r := train(t, filepath.Join(t.TempDir(), "run"))
	if s := r.Standing(); s != Finished {
		t.Errorf("a finished run is %s", s)
	}
	r.About.State = Running
	if s := r.Standing(); s != Finished {
		t.Errorf("a run that ended since its file was read is %s", s)
	}
	r.About.State = Running
	if err := writeJSON(filepath.Join(r.Dir, runFile), r.About); err != nil {
		t.Fatal(err)
	}
	if s := r.Standing(); s != Died {
		t.Errorf("a run without a writer is %s", s)
	}
	release := holdLock(t, r.Dir)
	if s := r.Standing(); s != Running {
		t.Errorf("a run with a writer is %s", s)
	}
	release()
	if s := r.Standing(); s != Died {
		t.Errorf("a run whose writer was killed is %s", s)
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "run.lock")); err != nil {
		t.Errorf("the reader changed the lock: %v", err)
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	a, b := filepath.Join(root, "a"), filepath.Join(root, "suite", "task", "b")
	inside := filepath.Join(a, "seed-0")
	for _, dir := range []string{a, inside, b, filepath.Join(root, ".hidden", "run"),
		filepath.Join(a, checkpointsDir, "no run")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{configFile, runFile} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "no run", "at all"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string][]string{
		root: {a, inside, b}, root + "/": {a, inside, b}, a: {a, inside}, b: {b},
		link: {filepath.Join(link, "a"), filepath.Join(link, "a", "seed-0"),
			filepath.Join(link, "suite", "task", "b")},
		filepath.Join(root, "no run"):        nil,
		filepath.Join(root, "suite", "task"): {b},
	} {
		if got, err := List(dir); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("below %s: %v, %v; want %v", dir, got, err, want)
		}
	}
	if _, err := List(filepath.Join(root, "missing")); err == nil {
		t.Error("a directory that is missing is no error")
	}
}

// An empty path is neither the working directory nor the root.
func TestUnnamedDirectory(t *testing.T) {
	t.Parallel()
	_, listed := List("")
	_, opened := Open("")
	for _, err := range []error{listed, opened} {
		if !errors.Is(err, durable.ErrFolderUnnamed) {
			t.Errorf("%v", err)
		}
	}
}
