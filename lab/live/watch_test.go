package live

import (
	"math"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
)

func config(t *testing.T) drqn.Config {
	t.Helper()
	c, err := drqn.Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	c.Task, c.Hidden, c.InputSize, c.Batch = "GoNogo", 6, 4, 4
	c.Updates, c.LearnAfter, c.MetricsEvery, c.EvalEvery, c.EvalTrials = 12, 40, 3, 6, 5
	return c
}

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
	w, err := NewWatch("learning", configs[0], 0, names...)
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
	chart := watched(t, nil, config(t)).Chart()
	if len(chart.Series) != 2 || chart.References[0].Y != 0.5 {
		t.Fatalf("%d curves, ceiling %v; want greedy and exploring below GoNogo's 0.5", len(chart.Series), chart.References)
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
	a, b := config(t), config(t)
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
	w, err := NewWatch("learning", config(t), 0)
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
	a, b := config(t), config(t)
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
	w, err := NewWatch("cells", a, 0, "mpn", "frozen")
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
