package live

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/lab"
)

// watched trains configs for a moment and returns what was seen of it.
func watched(t *testing.T, names []string, configs ...drqn.Config) *Watch {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	b, name, err := Backend()
	if err != nil || name != "go" {
		t.Fatalf("backend %q, %v; asked for go", name, err)
	}
	trainer, err := drqn.NewTrainer(b, configs...)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWatch("learning", configs[0], names...)
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.Train(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return w
}

func TestWatchSeesOneAgent(t *testing.T) {
	chart := watched(t, nil, drqntest.Small(t)).Chart()
	if len(chart.Series) != 2 || chart.References[0].Y != 0.5 {
		t.Fatalf("%d curves, ceiling %v; want greedy and exploring below GoNogo's 0.5", len(chart.Series),
			chart.References)
	}
	for i, want := range [][]float64{{0, 6, 12}, {3, 6, 9, 12}} {
		if got := chart.Series[i].X; !slices.Equal(got, want) {
			t.Errorf("%s has updates %v, want %v", chart.Series[i].Name, got, want)
		}
	}
	if _, err := chart.SVG(); err != nil {
		t.Error(err)
	}
}

func TestWatchSeesAPopulation(t *testing.T) {
	a, b := drqntest.Small(t), drqntest.Small(t)
	b.Seed, b.LearningRate = 1, 0.1
	chart := watched(t, []string{"slow", "fast"}, a, b).Chart()
	if len(chart.Series) != 2 || chart.Series[1].Name != "fast" {
		t.Fatalf("%d curves, want one of each member", len(chart.Series))
	}
	for _, s := range chart.Series {
		if !slices.Equal(s.X, []float64{0, 6, 12}) {
			t.Errorf("%s has updates %v", s.Name, s.X)
		}
	}
}

func TestWatchRefusesAStranger(t *testing.T) {
	w, err := NewWatch("learning", drqntest.Small(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Evaluation(1, drqn.Evaluation{}); err == nil || !strings.Contains(err.Error(), "member 1") {
		t.Errorf("error %v does not name the member", err)
	}
	if err := w.Metrics(drqn.Metrics{Update: 3}); err != nil {
		t.Errorf("before the first trial has ended: %v", err)
	}
	if y := w.Chart().Series[1].Y; len(y) != 1 || !math.IsNaN(y[0]) {
		t.Errorf("no trial ended, and the reward is %v", y)
	}
}

// Agents that differ in more than a population may are trained one after the other, and watched together.
func TestWatchSeesAgentsOneByOne(t *testing.T) {
	a, b := drqntest.Small(t), drqntest.Small(t)
	b.Cell = "frozen"
	b, err := b.WithoutUnused()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMLX_BACKEND", "go")
	backend, _, err := Backend()
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWatch("cells", a, "mpn", "frozen")
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []drqn.Config{a, b} {
		trainer, err := drqn.NewTrainer(backend, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := trainer.Train(t.Context(), w.Member(i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range w.Chart().Series {
		if !slices.Equal(s.X, []float64{0, 6, 12}) {
			t.Errorf("%s has updates %v", s.Name, s.X)
		}
	}
}

// A run that is stopped and resumed is one curve, and one that has finished shows all of it.
func TestWatchRunGoesOn(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	backend, name, err := Backend()
	if err != nil {
		t.Fatal(err)
	}
	job := lab.Job{Dir: filepath.Join(t.TempDir(), "run"), Config: drqntest.Small(t)}
	ctx, cancel := context.WithCancel(t.Context())
	first, err := WatchRun("learning", job)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lab.Train(ctx, []lab.Job{job}, backend, name, button{first, 6, cancel}); !errors.Is(err,
		context.Canceled) {
		t.Fatalf("stopped with %v", err)
	}
	if x := first.Chart().Series[1].X; !slices.Equal(x, []float64{3, 6}) {
		t.Errorf("the first shows metrics at %v", x)
	}
	for _, sitting := range []string{"the second", "a third, of a finished run,"} {
		w, err := WatchRun("learning", job)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lab.Train(t.Context(), []lab.Job{job}, backend, name, w); err != nil {
			t.Fatal(err)
		}
		chart := w.Chart()
		if !slices.Equal(chart.Series[0].X, []float64{0, 6, 12}) ||
			!slices.Equal(chart.Series[1].X, []float64{3, 6, 9, 12}) {
			t.Errorf("%s shows evaluations at %v and metrics at %v", sitting, chart.Series[0].X, chart.Series[1].X)
		}
	}
}

// What was lived again after a kill is shown once.
func TestWatchForgetsWhatIsLivedAgain(t *testing.T) {
	w, err := NewWatch("learning", drqntest.Small(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, update := range []int64{0, 6, 12, 6} {
		if err := w.Evaluation(0,
			drqn.Evaluation{Update: update, RewardPerTrial: float64(len(w.greedy[0].X))}); err != nil {
			t.Fatal(err)
		}
	}
	if s := w.Chart().Series[0]; !slices.Equal(s.X, []float64{0, 6}) || s.Y[1] != 3 {
		t.Errorf("%v at %v", s.Y, s.X)
	}
}

// TestWatchSaysCompiling checks what stands beside the bar while XLA compiles, and that nothing is invented.
func TestWatchSaysCompiling(t *testing.T) {
	w, err := NewWatch("learning", drqntest.Small(t), "slow", "fast")
	if err != nil {
		t.Fatal(err)
	}
	var member drqn.CompileObserver = w.Member(1).(alone)
	for _, step := range []struct {
		observer drqn.CompileObserver
		now      bool
		want     string
	}{{w, true, "compiling the train step"}, {w, false, ""}, {member, true, "fast, compiling the train step"},
		{member, false, ""}} {
		if err := step.observer.Compiling(step.now); err != nil || w.beside != step.want || w.done != 0 {
			t.Errorf("%v: %q beside %d updates, want %q: %v", step.now, w.beside, w.done, step.want, err)
		}
	}
	w.Close()
}
