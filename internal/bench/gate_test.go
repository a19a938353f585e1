package bench

import (
	"errors"
	"strings"
	"testing"
	"time"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// A row of each gate measures a ratio, between programs that differ by the gate's parameters alone.
func TestGateRow(t *testing.T) {
	t.Parallel()
	b, s := backendtest.Open(t, backend.Go), shape{K: 1, B: 2, L: 3, H: 4, I: 3}
	plain, err := newGatedStep(b, drqn.ForgetNone, s)
	if err != nil {
		t.Fatal(err)
	}
	for gate, more := range map[drqn.ForgetGate]int{drqn.ForgetScalar: s.I + 1, drqn.ForgetRow: s.H * (s.I + 1)} {
		gated, err := newGatedStep(b, gate, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(gated.learner.Weights(0)) - len(plain.learner.Weights(0)); got != more {
			t.Errorf("%s: %d weights more, want %d", gate, got, more)
		}
		if row := gateRow(b, backend.Go, gate, s, 1.25); !strings.HasSuffix(row.Shape, ", "+string(gate)) {
			t.Errorf("the row is %+v", row.Row)
		}
		if value, err := leastRatio(3, gated.do, plain.do)(t.Context()); err != nil || !(value > 0.01 && value < 100) {
			t.Errorf("%s: %v, %v", gate, value, err)
		}
	}
}

// Calls take turns, the least of each counts, and an error ends them.
func TestLeastRatio(t *testing.T) {
	t.Parallel()
	var order []string
	wait := func(name string, pauses ...time.Duration) func() error {
		return func() error {
			order = append(order, name)
			time.Sleep(pauses[len(order)/2%len(pauses)])
			return nil
		}
	}
	ratio, err := leastRatio(2, wait("a", time.Millisecond, 20*time.Millisecond), wait("b", 0))(t.Context())
	if err != nil || ratio <= 1 || strings.Join(order, "") != "abab" {
		t.Errorf("ratio %v in the order %v, %v", ratio, order, err)
	}
	broken := errors.New("broken")
	if _, err := leastRatio(2, func() error { return broken }, wait("b", 0))(t.Context()); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
