package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// LSTM is the long short-term memory (Hochreiter & Schmidhuber 1997) with a forget gate (Gers et al. 2000):
//
//	i = sigmoid(W_i x + U_i h + b_i)           input
//	f = sigmoid(W_f x + U_f h + b_f)           forget
//	g = tanh(W_g x + U_g h + b_g)              cell
//	o = sigmoid(W_o x + U_o h + b_o)           output
//	c = f c + i g
//	h = o tanh(c)
//
// with elementwise products of gates. Its state is (h, c). It has no peepholes.
type LSTM struct {
	Input, Hidden int
}

// Name implements Cell.
func (LSTM) Name() string { return "lstm" }

// Sizes implements Cell; the state is h and then c.
func (c LSTM) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, 2 * c.Hidden }

// Params implements Cell: W [4H, I], U [4H, H] and b [4H], in the order i, f, g, o. b_f is initially 1, so
// that c decays slowly (Jozefowicz et al. 2015). All 4H(H+I+1) are trainable.
func (c LSTM) Params() []Param { return recurrentWeights(c.Input, c.Hidden, 0, 1, 0, 0) }

// Unroll implements Cell.
func (LSTM) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	return unrollRecurrent(params, x, valid, start, 2, lstmStep)
}

func lstmStep(wx, uh *Node, before []*Node) []*Node {
	gates := Split(Add(wx, uh), -1, 4)
	i, f, g, o := Sigmoid(gates[0]), Sigmoid(gates[1]), Tanh(gates[2]), Sigmoid(gates[3])
	c := Add(Mul(f, before[1]), Mul(i, g))
	return []*Node{Mul(o, Tanh(c)), c}
}

// NewStepper implements Cell.
func (LSTM) NewStepper(params Values) Stepper { return &lstmStepper{newRecurrentStepper(params)} }

type lstmStepper struct{ recurrentStepper }

// Step implements Stepper.
func (s *lstmStepper) Step(x, state, hidden []float32) {
	size := len(hidden)
	h, c := state[:size], state[size:]
	s.read(x, h)
	for j := range hidden {
		i, f := sigmoid(s.gate(0, size, j)), sigmoid(s.gate(1, size, j))
		g, o := tanh(s.gate(2, size, j)), sigmoid(s.gate(3, size, j))
		c[j] = f*c[j] + i*g
		hidden[j] = o * tanh(c[j])
	}
	copy(h, hidden)
}
