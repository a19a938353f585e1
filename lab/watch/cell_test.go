package watch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

// TestCell shows a run in a cell: until it has ended, or the reader stops.
func TestCell(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	if err := Cell(t.Context(), r.Dir); err != nil {
		t.Errorf("of a run that has ended: %v", err)
	}
	if err := Cell(t.Context(), filepath.Join(r.Dir, "missing")); err == nil ||
		!strings.Contains(err.Error(), "missing") {
		t.Errorf("of none: error %v", err)
	}
	v := one(t, watcher(t, r.Dir))
	if s := v.summary(); !strings.HasPrefix(s, "finished · greedy 0.") {
		t.Errorf("it says %q", s)
	}
	if n := len(v.Charts()); n != 3 {
		t.Errorf("%d charts, want 3", n)
	}
}

// Runs of other sizes stand in one chart only with a line that says so, once.
func TestCellNoticesSizes(t *testing.T) {
	dir, small := t.TempDir(), drqntest.Small(t)
	large := small
	large.Hidden = 2 * small.Hidden
	labtest.Train(t, filepath.Join(dir, "small"), small)
	labtest.Train(t, filepath.Join(dir, "large"), large)
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	defer func(stdout *os.File) { os.Stdout = stdout }(os.Stdout)
	os.Stdout = said
	if err := Cell(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(said.Name())
	if err != nil || strings.Count(string(text), "\n") != 1 || !strings.HasPrefix(string(text), "large has ") {
		t.Errorf("it prints %q, %v", text, err)
	}
}

// TestFollow checks that each run is handed on when it has written something, and that following ends with the runs or
// with the reader.
func TestFollow(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	calls := 0
	err := watcher(t, r.Dir).Follow(t.Context(), time.Millisecond, func(views []View) error {
		calls += len(views)
		return nil
	})
	if err != nil || calls != 1 {
		t.Errorf("a run that has ended was handed on %d times, %v", calls, err)
	}
	path := filepath.Join(r.Dir, "metrics.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	other := View{State: lab.Running, Dir: "other"} // it keeps the following from ending
	w, looks := watcher(t, r.Dir), 0
	var updates []int64
	err = follow(ctx, time.Millisecond, func() []View {
		if looks++; looks == 3 {
			if err := os.WriteFile(path, append(data, []byte(`{"update":13}`+"\n")...), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil { // the clock of files may stand still
				t.Fatal(err)
			}
		}
		return append(w.Look(), other)
	}, func(views []View) error {
		for _, v := range views {
			if v.Dir == r.Dir {
				updates = append(updates, v.Update)
			}
		}
		if looks == 6 {
			stop()
		}
		return nil
	})
	if err != context.Canceled || len(updates) != 2 || updates[0] != 12 || updates[1] != 13 {
		t.Errorf("handed on at updates %v, %v; want once as it was, and once when it had changed", updates, err)
	}
}
