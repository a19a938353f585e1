package lab

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// strange puts what is no file, or has no end, in the place of a file.
var strange = map[string]func(path string) error{
	"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o644) },
	"zero":   func(path string) error { return os.Symlink("/dev/zero", path) },
	"folder": func(path string) error { return os.Mkdir(path, 0o755) },
	"sparse": func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 4<<40)) },
	"loop":   func(path string) error { return os.Symlink(filepath.Base(path), path) },
}

// within calls f, which must return in a moment.
func within(t *testing.T, what string, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: it does not return", what)
		return nil
	}
}

// TestStrangeFiles puts each into the place of each file of a run: whatever opens it is refused, or does without it.
// The race detector has nothing to find where one goroutine waits for another: there only what has no end is tried.
func TestStrangeFiles(t *testing.T) {
	r, list := interruptedRun(t)
	b := backendtest.Open(t, backend.Go)
	newest := filepath.Join(checkpointsDir, "6")
	readers := map[string]func() error{
		"look":   func() error { _, err := OpenUnchecked(r.Dir); return err },
		"digest": func() error { return withRun(r.Dir, func(r *Run) error { _, err := r.Digest(); return err }) },
		"evaluate": func() error {
			return withRun(r.Dir, func(r *Run) error { _, err := r.Evaluate(t.Context(), 1, 1); return err })
		},
		"lines": func() error {
			return withRun(r.Dir, func(r *Run) error {
				_, errM := r.Metrics()
				_, errE := r.Evaluations()
				_, errT := r.Timing()
				return errors.Join(errM, errE, errT)
			})
		},
		"resume": func() error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := Train(ctx, list, b, backend.Go, nil); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		},
	}
	refusedBy := map[string][]string{
		configFile:  {"look", "digest", "evaluate", "report", "lines", "resume"},
		runFile:     {"look", "digest", "evaluate", "report", "lines", "resume"},
		metricsFile: {"digest", "report", "lines"}, evaluationsFile: {"digest", "report", "lines"},
		timingFile:                          {"lines"},
		filepath.Join(newest, manifestFile): {"digest"}, filepath.Join(newest, weightsFile): {"digest"},
		filepath.Join(newest, optimiserFile): {"digest"}, filepath.Join(newest, actingFile): {"digest"},
		filepath.Join(newest, replayFile): {},
		checkpointsDir:                    {"digest", "evaluate", "report", "resume"}, newest: {"digest"},
	}
	whole := t.TempDir()
	if err := os.CopyFS(whole, os.DirFS(r.Dir)); err != nil {
		t.Fatal(err)
	}
	for name, must := range refusedBy {
		for kind, put := range strange {
			if kind == "folder" && (name == checkpointsDir || name == newest) {
				continue // they are
			}
			if testing.Short() && kind != "FIFO" && kind != "zero" {
				continue
			}
			path := filepath.Join(r.Dir, name)
			for what, read := range readers {
				if err := errors.Join(os.RemoveAll(r.Dir), os.CopyFS(r.Dir, os.DirFS(whole)), os.RemoveAll(path),
					put(path)); err != nil {
					t.Fatal(err)
				}
				err := within(t, kind+" as "+name+": "+what, read)
				for _, m := range must {
					if m == what && err == nil {
						t.Errorf("%s as %s: %s takes it", kind, name, what)
					}
				}
			}
		}
	}
}

func withRun(dir string, f func(*Run) error) error {
	r, err := Open(dir)
	if err != nil {
		return err
	}
	return f(r)
}

// TestReplacedWhileNobodyLooked checks that a reader that follows a file starts again where the run resumed from a
// checkpoint and grew past what was read, between two looks, and also where the file was replaced by another of the
// same length.
func TestReplacedWhileNobodyLooked(t *testing.T) {
	dir := t.TempDir()
	timing := func(first int, sizes map[string]int64, pace float64, n int) map[string]int64 {
		j, err := openJournals(dir, sizes, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer j.close()
		for i := range n {
			if err := j.files[timingFile].Append(Timing{int64(first + i), pace * float64(i+1)}); err != nil {
				t.Fatal(err)
			}
		}
		return j.sizes()
	}
	follow := &Lines[Timing]{Path: filepath.Join(dir, timingFile)}
	var got []Timing
	look := func(want int) {
		t.Helper()
		if err := follow.Next(func() { got = nil }, func(v Timing) { got = append(got, v) }); err != nil ||
			len(got) != want {
			t.Fatalf("%d lines, %v; want %d", len(got), err, want)
		}
		for i, v := range got {
			if v.Update != int64(i+1) {
				t.Fatalf("line %d is of update %d", i, v.Update)
			}
		}
	}
	at := timing(1, nil, 0.5123, 10)
	timing(11, at, 0.5123, 10)
	look(20)
	timing(11, at, 7.25, 15) // past what was read
	look(25)
	timing(11, at, 8.25, 15) // to the same length, most likely
	look(25)
	if got[24].Seconds != 8.25*15 {
		t.Errorf("the newest line is %v", got[24])
	}
	timing(1, nil, 0.1, 300) // from the beginning: more than is kept to compare
	look(300)
	timing(1, nil, 0.2, 400)
	look(400)
}

// TestPermissions checks that files and folders of a run have 0666 and 0777 less the umask.
func TestPermissions(t *testing.T) {
	for _, umask := range []int{0o077, 0o002} {
		before := syscall.Umask(umask)
		t.Cleanup(func() { syscall.Umask(before) })
		dir := filepath.Join(t.TempDir(), "some", "run")
		r := train(t, dir)
		kept := (&opened{Run: r}).keepDivergence(&drqn.Divergence{}, nil)
		syscall.Umask(before)
		if kept != nil {
			t.Fatal(kept)
		}
		seen := 0
		err := filepath.WalkDir(filepath.Dir(dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			want := fs.FileMode(0o666)
			if entry.IsDir() {
				want = 0o777
			}
			if want &^= fs.FileMode(umask); err == nil && info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has %03o, want %03o", umask, path, info.Mode().Perm(), want)
			}
			seen++
			return err
		})
		if err != nil || seen < 14 {
			t.Errorf("%d files and folders, %v", seen, err)
		}
	}
}

// TestLeftovers checks that leftovers of killed processes are removed when the run is opened to write, however young
// they are, and after a report; files of a living process are not.
func TestLeftovers(t *testing.T) {
	r, list := interruptedRun(t)
	files := []string{".new-abc", ".page-123"}
	leave := func() {
		for _, name := range files {
			if err := os.WriteFile(filepath.Join(r.Dir, name), []byte("half"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := func(when string, names ...string) {
		t.Helper()
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(r.Dir, name)); err == nil {
				t.Errorf("%s is there after %s", name, when)
			}
		}
	}
	leave()
	folders := []string{"checkpoints/.new-1", "checkpoints/.old-2/4"}
	for _, name := range folders {
		if err := os.MkdirAll(filepath.Join(r.Dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	trainTo(t, backendtest.Open(t, backend.Go), list, 0)
	gone("training", append(files, folders...)...)
	leave()
	r.RemoveLeftovers() // as a report does
	gone("a report", files...)
}
