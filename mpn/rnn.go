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
	return unrollRecurrent(params, x, valid, start, 1, rnnStep)
}

func rnnStep(wx, uh *Node, _ []*Node) []*Node { return []*Node{Tanh(Add(wx, uh))} }

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
