package drqn

import (
	"context"
	"math"
	"strings"
	"testing"

	"engram/tasks"
)

// marked is an environment that is no task but marks the ends of trials, as NeuroGym's do: of one step, which pays 1,
// and of three steps, which pay 3, in turns.
type marked struct {
	corridor
	long bool
}

func (m *marked) Spec() tasks.Spec {
	return tasks.Spec{Name: "marked", Observations: []string{"here", "there"}, Actions: []string{"a", "b"},
		MaxTrialSteps: 3, Trials: true}
}

func (m *marked) Reset(uint64) ([]float32, error) {
	m.at, m.long = 0, false
	return m.observe(), nil
}

func (m *marked) Step(int) (tasks.Step, error) {
	m.at++
	end := !m.long || m.at == 3
	if end {
		m.at, m.long = 0, !m.long
	}
	return tasks.Step{Observation: m.observe(), Reward: 1, Info: tasks.Info{TrialEnd: end}}, nil
}

func init() {
	if err := tasks.RegisterEnvironment("marked", func() tasks.Env { return &marked{} }); err != nil {
		panic(err)
	}
}

// TestMarkedTrials checks that the spread of what marked trials earn is measured, and shown.
func TestMarkedTrials(t *testing.T) {
	t.Parallel()
	p := fresh(t, general(t, map[string]string{"task": "marked"}), 1)
	e, err := p.Evaluate(context.Background(), 40, 3)
	if err != nil {
		t.Fatal(err)
	}
	if e.Episodes != 0 || e.Trials != 40 || e.RewardPerTrial != 2 || e.ReturnSD == nil ||
		math.Abs(*e.ReturnSD-1) > 0.02 || e.MeanSteps != 2 {
		t.Errorf("%+v, want 40 trials of 2 on average, standard deviation 1", e)
	}
	if text := e.Text(); !strings.Contains(text, "a trial (standard deviation 1") {
		t.Errorf("in words: %s", text)
	}
	if e.ReturnSD = nil; !strings.Contains(e.Text(), "a trial (standard deviation 0)") { // of an earlier version
		t.Errorf("a standard deviation that was left out: %s", e.Text())
	}
	e.ReturnSD = new(1.)
	if brief := e.Brief(); !strings.HasPrefix(brief, "2 ± 1") {
		t.Errorf("in brief: %s", brief)
	}
}
