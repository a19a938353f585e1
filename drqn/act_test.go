package drqn

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"engram/tasks"
)

// Hooks see each step of each trial in turn, and change what they should and nothing else.
func TestHooks(t *testing.T) {
	c := small(t, "default")
	p := fresh(t, c, 1)
	intact, err := p.Rollout(t.Context(), 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range intact { // each trial begins with a state of zeros
		for _, b := range intact {
			if slices.Equal(a.Observations[0], b.Observations[0]) != slices.Equal(a.Hidden[0], b.Hidden[0]) {
				t.Errorf("the first step of trials that show the same gives %v and %v", a.Hidden[0], b.Hidden[0])
			}
		}
	}
	var order []string
	var hidden [][]float32
	hooks := Hooks{
		Begin:  func(_ tasks.Task, trial *tasks.Trial) { order = append(order, "begin") },
		Before: func(step int, state []float32) { order = append(order, "before") },
		Cell: func(step int, h, state []float32) {
			order = append(order, "cell")
			if step == 4 {
				clear(h)
			}
		},
		Each: func(m Moment) {
			order, hidden = append(order, "each"), append(hidden, slices.Clone(m.Hidden))
			if m.Fresh != (m.At == 0) {
				t.Errorf("step %d is fresh: %v", m.At, m.Fresh)
			}
		},
	}
	if err := p.Act(t.Context(), 1, 2, hooks); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order[:7], []string{"begin", "before", "cell", "each", "before", "cell", "each"}) ||
		len(order) != 1+3*len(hidden) {
		t.Errorf("the hooks are called as %v", order)
	}
	for step, h := range hidden {
		want := intact[0].Hidden[step]
		if step == 4 {
			want = make([]float32, len(h))
		}
		if !slices.Equal(h, want) {
			t.Errorf("h of step %d is %v, want %v", step, h, want)
		}
	}
	if again, err := p.Rollout(t.Context(), 3, 2); err != nil || !reflect.DeepEqual(again, intact) {
		t.Errorf("a hook stays: %v", err)
	}
}

// A question changes neither the state nor what the agent does next.
func TestAsk(t *testing.T) {
	p := fresh(t, small(t, "default"), 1)
	trace, err := p.Rollout(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	state := slices.Clone(trace[0].States[2])
	if q := p.Ask(trace[0].Observations[3], state); !slices.Equal(q, trace[0].Q[3]) ||
		!slices.Equal(state, trace[0].States[2]) {
		t.Errorf("asked at step 3 it says %v, want %v", q, trace[0].Q[3])
	}
}

// TestStateShape names the shape for each cell.
func TestStateShape(t *testing.T) {
	c := small(t, "default")
	c.Hidden, c.InputSize = 6, 4
	for _, want := range []struct {
		cell   string
		layers int
		shape  []int
	}{{"mpn", 1, []int{6, 4}}, {"mpn", 2, []int{6*4 + 6*6}}, {"frozen", 1, nil}, {"gru", 1, []int{6}},
		{"lstm", 2, []int{24}}} {
		c, err := Assemble(c, map[string]string{"cell": want.cell, "layers": strconv.Itoa(want.layers)})
		if err != nil {
			t.Fatal(err)
		}
		if shape := fresh(t, c, 1).StateShape(); !slices.Equal(shape, want.shape) {
			t.Errorf("%s of %d layers: %v, want %v", want.cell, want.layers, shape, want.shape)
		}
	}
}

// The weights are those with which a run of the config begins.
func TestUntrained(t *testing.T) {
	c := small(t, "default")
	c.Seed = 7
	if p := fresh(t, c, 1); !slices.Equal(p.Untrained().Weights(), fresh(t, c, 7).Weights()) ||
		slices.Equal(p.Untrained().Weights(), p.Weights()) {
		t.Error("it has other weights")
	}
}
