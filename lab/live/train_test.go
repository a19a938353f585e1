package live

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/lab"
)

// A second call finds the agents trained: the same runs, and the same curves.
func TestTrainOnce(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	folder := t.TempDir()
	a, b := drqntest.Small(t), drqntest.Small(t)
	b.Seed = 1
	agents := []Agent{{"one", a}, {"two", b}}
	first, err := train(t.Context(), "two agents", folder, agents...)
	if err != nil || len(first) != 2 {
		t.Fatal(len(first), err)
	}
	for i, name := range []string{"one", "two"} {
		if r, err := lab.Open(filepath.Join(folder, name)); err != nil || r.Config.Seed != agents[i].Config.Seed {
			t.Errorf("run %s: %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel() // nothing is left to train, so nothing can be stopped
	again, err := train(stopped, "two agents", folder, agents...)
	if err != nil || again[1].About.Created != first[1].About.Created {
		t.Fatal("trained again: ", err)
	}
	if _, err := train(stopped, "stopped", t.TempDir(), agents...); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v", err)
	}
}

// Agents of other sizes are trained only below a line that says so.
func TestTrainNoticesSizes(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	a, b := drqntest.Small(t), drqntest.Small(t)
	a.Updates, b.Updates = 1, 1
	b.Hidden = 2 * a.Hidden
	folder := t.TempDir()
	said := printed(t, func() error {
		_, err := train(t.Context(), "two sizes", folder, Agent{"small", a}, Agent{"large", b})
		return err
	})
	if lines := strings.Split(said, "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "large has ") {
		t.Errorf("it said %q", said)
	}
}

// What was trained before is drawn, once.
func TestRedraw(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	c := drqntest.Small(t)
	runs, err := train(t.Context(), "one", t.TempDir(), Agent{"one", c})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWatch("again", c, "one")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.redraw(0, runs[0]); err != nil {
			t.Fatal(err)
		}
	}
	if s := w.Chart().Series[0]; !slices.Equal(s.X, []float64{0, 6, 12}) {
		t.Errorf("evaluations at updates %v, want 0, 6 and 12", s.X)
	}
}
