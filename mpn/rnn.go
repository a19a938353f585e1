package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// RNN is the plain recurrent network (Elman 1990): h_t = tanh(W x_t + U h_{t-1} + b). Its state is h.
type RNN struct {
	Input, Hidden int
}

// Name implements Cell.
func (RNN) Name() string { return "rnn" }

// Sizes implements Cell; the state is h.
func (c RNN) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, c.Hidden }

// Params implements Cell: W [H, I], U [H, H] and b [H]. All H(H+I+1) are trainable.
func (c RNN) Params() []Param { return recurrentWeights(c.Input, c.Hidden, 0) }

// Unroll implements Cell.
func (RNN) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	return recurrentWindow(params, x, valid, start, rnnStep)
}

func (RNN) loop(params Nodes, x, valid, start *Node) Unrolled {
	return loopRecurrent(params, x, valid, start, rnnStep)
}

var rnnStep = recurrence{
	parts: 1,
	step: func(wx, uh *Node, _ []*Node) (after, kept []*Node) {
		h := Tanh(Add(wx, uh))
		return []*Node{h}, []*Node{h}
	},
	adjoint: func(_, kept, dAfter []*Node) (dWx, dUh *Node, dBefore []*Node) {
		d := Mul(dAfter[0], oneMinus(Square(kept[0])))
		return d, d, []*Node{nil}
	},
}

// NewStepper implements Cell.
func (RNN) NewStepper(params Values) Stepper { return &rnnStepper{newRecurrentStepper(params)} }

type rnnStepper struct{ recurrentStepper }

// Step implements Stepper.
func (s *rnnStepper) Step(x, state, hidden []float32) {
	s.read(x, state)
	for i := range hidden {
		hidden[i] = tanh(s.gate(0, len(hidden), i))
	}
	copy(state, hidden)
}
