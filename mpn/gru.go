package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// GRU is the gated recurrent unit (Cho et al. 2014):
//
//	r = sigmoid(W_r x + U_r h + b_r)           reset
//	z = sigmoid(W_z x + U_z h + b_z)           update
//	n = tanh(W_n x + r o (U_n h) + b_n)        new
//	h = (1 - z) o n + z o h
//
// Its state is h. In the paper n reads U_n (r o h). Here, as in PyTorch's GRUCell, r is applied after the product, so
// that one product serves the three gates. Unlike in PyTorch, a gate has one bias, not two.
type GRU struct {
	Input, Hidden int
}

// Name implements Cell.
func (GRU) Name() string { return "gru" }

// Sizes implements Cell; the state is h.
func (c GRU) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, c.Hidden }

// Params implements Cell: W [3H, I], U [3H, H] and b [3H], in the order r, z, n. All 3H(H+I+1) are
// trainable.
func (c GRU) Params() []Param { return recurrentWeights(c.Input, c.Hidden, 0, 0, 0) }

// Unroll implements Cell.
func (GRU) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	return recurrentWindow(params, x, valid, start, gruStep)
}

func (GRU) loop(params Nodes, x, valid, start *Node) Unrolled {
	return loopRecurrent(params, x, valid, start, gruStep)
}

var gruStep = recurrence{parts: 1, step: gruForward, adjoint: gruAdjoint}

func gruForward(wx, uh *Node, before []*Node) (after, kept []*Node) {
	byX, byH := Split(wx, -1, 3), Split(uh, -1, 3)
	r := Sigmoid(Add(byX[0], byH[0]))
	z := Sigmoid(Add(byX[1], byH[1]))
	n := Tanh(Add(byX[2], Mul(r, byH[2])))
	return []*Node{Add(Mul(oneMinus(z), n), Mul(z, before[0]))}, []*Node{r, z, n, byH[2]}
}

func gruAdjoint(before, kept, dAfter []*Node) (dWx, dUh *Node, dBefore []*Node) {
	r, z, n, un := kept[0], kept[1], kept[2], kept[3]
	dh := dAfter[0]
	byN := Mul(Mul(dh, oneMinus(z)), oneMinus(Square(n))) // of what tanh reads
	byZ := Mul(Mul(dh, Sub(before[0], n)), slopeOf(z))
	byR := Mul(Mul(byN, un), slopeOf(r))
	return Concatenate([]*Node{byR, byZ, byN}, -1), Concatenate([]*Node{byR, byZ, Mul(byN, r)}, -1),
		[]*Node{Mul(dh, z)}
}

// NewStepper implements Cell.
func (GRU) NewStepper(params Values) Stepper { return &gruStepper{newRecurrentStepper(params)} }

type gruStepper struct{ recurrentStepper }

// Step implements Stepper.
func (s *gruStepper) Step(x, state, hidden []float32) {
	s.read(x, state)
	size := len(hidden)
	for i := range hidden {
		r, z := sigmoid(s.gate(0, size, i)), sigmoid(s.gate(1, size, i))
		n := tanh(s.wx[2*size+i] + r*s.uh[2*size+i])
		hidden[i] = (1-z)*n + z*state[i]
	}
	copy(state, hidden)
}
