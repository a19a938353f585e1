package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Frozen is the MPN with M held at zero: a feed-forward layer h_t = tanh(b + W x_t) without any memory. It
// shows how much of a task can be solved without memory. Its state is empty.
type Frozen struct {
	Input, Hidden int
}

// Name implements Cell.
func (Frozen) Name() string { return "frozen" }

// Sizes implements Cell; the state's size is 0.
func (c Frozen) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, 0 }

// Params implements Cell: W [H, I] Xavier-uniform, b [H] zero. All H(I+1) are trainable.
func (c Frozen) Params() []Param { return slowWeights(c.Input, c.Hidden) }

// Unroll implements Cell. The cell has no state: start is ignored and Final is nil.
func (Frozen) Unroll(params Nodes, x, _, _ *Node) Unrolled {
	h := Tanh(drive(params, x))
	return Unrolled{H: h, Gradient: byAutodiff(params, h, "W", "b")}
}

// NewStepper implements Cell.
func (Frozen) NewStepper(params Values) Stepper {
	return frozenStepper{w: params.At("W"), b: params.At("b")}
}

type frozenStepper struct{ w, b []float32 }

// Step implements Stepper; state is empty.
func (s frozenStepper) Step(x, _, hidden []float32) {
	copy(hidden, s.b)
	AddProduct(hidden, s.w, x)
	for i := range hidden {
		hidden[i] = tanh(hidden[i])
	}
}
