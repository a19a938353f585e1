package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/tasks"
)

// gateShapes are the shapes of the rows "gate" and what a gated step may take relative to a plain one.
var gateShapes = []struct {
	shape  shape
	target float64
}{
	{shape{K: 1, B: 16, L: 10, H: 64, I: 10}, 1.25},
	{shape{K: 1, B: 16, L: 31, H: 64, I: 10}, 1.25},
	{shape{K: 1, B: 16, L: 62, H: 64, I: 10}, 1.4},
	{shape{K: 1, B: 16, L: 31, H: 128, I: 10}, 1.4},
}

// gateRow measures a train step with a gate relative to one without.
func gateRow(b compute.Backend, backend string, gate drqn.ForgetGate, s shape, target float64) *measurement {
	m := &measurement{Row: Row{Name: "gate", Shape: fmt.Sprintf("%s, %s", s, gate), Size: s.size(), Backend: backend,
		Unit: "of plain", Target: target, Note: "a gated step over a plain one, the least of each"}}
	m.open = func() (measure, error) {
		plain, err := newGatedStep(b, drqn.ForgetNone, s)
		if err != nil {
			return nil, err
		}
		gated, err := newGatedStep(b, gate, s)
		if err != nil {
			return nil, err
		}
		return leastRatio(callsFor(s), gated.do, plain.do), firstError(plain.do, gated.do)
	}
	return m
}

// leastRatio returns a measure of the least time of a over that of b. The two take turns, so that other load on the
// machine counts for neither.
func leastRatio(calls int, a, b func() error) measure {
	return func(ctx context.Context) (float64, error) {
		least := [2]float64{math.Inf(1), math.Inf(1)}
		for range calls {
			for i, do := range []func() error{a, b} {
				began := time.Now()
				if err := errors.Join(do(), ctx.Err()); err != nil {
					return 0, err
				}
				least[i] = min(least[i], time.Since(began).Seconds())
			}
		}
		return least[0] / least[1], nil
	}
}

// newGatedStep makes a train step of one agent with a gate.
func newGatedStep(b compute.Backend, gate drqn.ForgetGate, s shape) (*trainStep, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	c.ForgetGate, c.ForgetBias, c.ForgetScale, c.ForgetGain, c.TrainLambda = gate, 2, 2, 5, gate == drqn.ForgetNone
	return newTrainStepOf(b, c, tasks.Spec{Observations: make([]string, s.I), Actions: make([]string, actions)}, s.K,
		s.L)
}
