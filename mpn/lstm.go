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
	return recurrentWindow(params, x, valid, start, lstmStep)
}

func (LSTM) loop(params Nodes, x, valid, start *Node) Unrolled {
	return loopRecurrent(params, x, valid, start, lstmStep)
}

var lstmStep = recurrence{parts: 2, step: lstmForward, adjoint: lstmAdjoint}

func lstmForward(wx, uh *Node, before []*Node) (after, kept []*Node) {
	gates := Split(Add(wx, uh), -1, 4)
	i, f, g, o := Sigmoid(gates[0]), Sigmoid(gates[1]), Tanh(gates[2]), Sigmoid(gates[3])
	c := Add(Mul(f, before[1]), Mul(i, g))
	open := Tanh(c)
	return []*Node{Mul(o, open), c}, []*Node{i, f, g, o, open}
}

func lstmAdjoint(before, kept, dAfter []*Node) (dWx, dUh *Node, dBefore []*Node) {
	i, f, g, o, open := kept[0], kept[1], kept[2], kept[3], kept[4]
	dh := dAfter[0]
	dc := Add(dAfter[1], Mul(Mul(dh, o), oneMinus(Square(open))))
	d := Concatenate([]*Node{
		Mul(Mul(dc, g), slopeOf(i)),
		Mul(Mul(dc, before[1]), slopeOf(f)),
		Mul(Mul(dc, i), oneMinus(Square(g))),
		Mul(Mul(dh, open), slopeOf(o)),
	}, -1)
	return d, d, []*Node{nil, Mul(dc, f)}
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
