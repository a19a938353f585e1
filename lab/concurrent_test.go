package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// openFiles counts this process's open files.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestReadersWhileTraining reads two runs in every way while they are trained, again and again: nothing that is read is
// half written, the runs have the results that they have without readers, and no goroutine and no open file is left.
// The race detector watches in 'make race'.
func TestReadersWhileTraining(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	alone := jobs(t, t.TempDir(), 2)
	for i := range alone {
		alone[i].Config.Updates, alone[i].Config.LearnAfter = 18, 120
	}
	trainTo(t, b, alone, 0)
	leaks, files := goleak.IgnoreCurrent(), openFiles(t)
	dir := t.TempDir()
	read := []Job{{Dir: filepath.Join(dir, "run-0"), Config: alone[0].Config},
		{Dir: filepath.Join(dir, "run-1"), Config: alone[1].Config}}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for looks := 0; ; looks++ {
				select {
				case <-done:
					if looks == 0 {
						t.Error("nothing was read")
					}
					return
				default:
				}
				if err := look(dir); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, update := range []int64{6, 12, 0} {
		if notices := trainTo(t, b, read, update); len(notices) > 0 {
			t.Errorf("it said %q", notices)
		}
	}
	close(done)
	readers.Wait()
	equalRuns(t, "read", read, alone)
	goleak.VerifyNone(t, leaks)
	if now := openFiles(t); now != files {
		t.Errorf("%d open files, before there were %d", now, files)
	}
}

// look reads what there is of the runs below a directory.
func look(dir string) error {
	runs, err := List(dir)
	if err != nil {
		return err
	}
	for _, path := range runs {
		r, err := Open(path)
		if err != nil {
			return err
		}
		metrics, err := r.Metrics()
		if err != nil {
			return err
		}
		for i, m := range metrics {
			if m.Update != int64(3*(i+1)) {
				return fmt.Errorf("line %d of the metrics is of update %d", i, m.Update)
			}
		}
		if _, err := r.Evaluations(); err != nil {
			return err
		}
		if s := r.Standing(); s == Failed {
			return fmt.Errorf("run %s %s: %s", path, s, r.About.Error)
		}
		updates, err := r.Checkpoints()
		if err != nil {
			return err
		}
		if len(updates) == 0 {
			continue
		}
		if _, err := r.Evaluate(context.Background(), 1, 1); err != nil {
			return err
		}
	}
	return nil
}
