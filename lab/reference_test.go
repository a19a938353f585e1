package lab

import (
	"context"
	"errors"
	"testing"

	"engram/tasks"
)

// paid is an environment without an end of its own, each step of which pays 1.
type paid struct{ steps int }

func (p *paid) Spec() tasks.Spec {
	return tasks.Spec{Name: "paid", Observations: []string{"o"}, Actions: []string{"a"}}
}

func (p *paid) Reset(uint64) ([]float32, error) { return []float32{0}, nil }

func (p *paid) Step(int) (tasks.Step, error) {
	p.steps++
	return tasks.Step{Observation: []float32{0}, Reward: 1}, nil
}

// What acting at random earns is measured over whole episodes, and no more of them than were asked for or begin before
// the steps are spent.
func TestMeasureRandom(t *testing.T) {
	t.Parallel()
	for most, episodes := range map[int]int{1: 1, 7: 1, 8: 2, 20: 3, 10_000: 100} {
		env := new(paid)
		r, err := measureRandom(t.Context(), env, 7, most)
		if err != nil || r.Episodes != episodes || r.Mean != 7 || r.SD != 0 || env.steps != 7*episodes {
			t.Errorf("of at most %d steps: %+v, %d steps, %v; want %d episodes", most, r, env.steps, err, episodes)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := measureRandom(ctx, new(paid), 7, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("after it was stopped: %v", err)
	}
}
