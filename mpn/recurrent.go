package mpn

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// The ordinary recurrent cells, which the MPN is compared with, have G gates of H units: W [G*H, I], U [G*H, H]
// and b [G*H] hold them one after the other. Everything but the step from state to state is shared.

// recurrentWeights are the parameters of a cell with one gate for each of biases: W Xavier-uniform per gate,
// U uniform in +-1/sqrt(H) (it need not be orthogonal for sequences of tens of steps), b as given.
// Trainable in all: G*H(H+I+1).
func recurrentWeights(input, hidden int, biases ...float64) []Param {
	rows := len(biases) * hidden
	b := func(_ *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(biases[i/hidden])
		}
	}
	return []Param{
		{Name: "W", Shape: []int{rows, input}, Init: XavierUniform(input, hidden), Trainable: true, Weight: true},
		{Name: "U", Shape: []int{rows, hidden}, Init: Uniform(1 / math.Sqrt(float64(hidden))), Trainable: true,
			Weight: true},
		{Name: "b", Shape: []int{rows}, Init: b, Trainable: true},
	}
}

// recurrence is one step of a cell, from wx = W x_t + b and uh = U h_{t-1}, each [K, B, G*H]. The state before and
// after the step is in parts [K, B, H], of which the first is h.
type recurrence func(wx, uh *Node, before []*Node) (after []*Node)

// unrollRecurrent is Unroll of a cell whose state has so many parts. W x + b is one product for the whole window.
// H at a padded step is h as it stayed.
func unrollRecurrent(params Nodes, x, valid, start *Node, parts int, step recurrence) Unrolled {
	var (
		u     = params.At("U")
		wx    = drive(params, x)
		state = startParts(x, start, u.Shape().Dimensions[2], parts)
		hs    []*Node
	)
	for t := range x.Shape().Dimensions[2] {
		uh := Einsum("kbh,kgh->kbg", state[0], u)
		after := step(Squeeze(steps(wx, t, t+1), 2), uh, state)
		state = whereValid(steps(valid, t, t+1), after, state)
		hs = append(hs, InsertAxes(state[0], 2))
	}
	h := Concatenate(hs, 2)
	return Unrolled{H: h, Final: Concatenate(state, -1), Gradient: byAutodiff(params, h, "W", "U", "b")}
}

// startParts splits start [K, B, parts*H]; nil stands for zero.
func startParts(x, start *Node, hidden, parts int) []*Node {
	if start == nil {
		dims := x.Shape().Dimensions
		start = Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], parts*hidden))
	}
	return Split(start, -1, parts)
}

// whereValid is after where valid [K, B, 1], else before: neither value nor gradient crosses a padded step.
func whereValid(valid *Node, after, before []*Node) []*Node {
	kept := make([]*Node, len(after))
	for i := range after {
		isValid := BroadcastToDims(IsPositive(valid), after[i].Shape().Dimensions...)
		kept[i] = Where(isValid, after[i], before[i])
	}
	return kept
}

// recurrentStepper holds what the steppers share: one member's parameters and room for the two products of a
// step. The room makes a stepper fit for one goroutine at a time.
type recurrentStepper struct {
	w, u, b []float32
	wx, uh  []float32 // W x + b and U h, each [G*H]
}

func newRecurrentStepper(params Values) recurrentStepper {
	s := recurrentStepper{w: params.At("W"), u: params.At("U"), b: params.At("b")}
	s.wx, s.uh = make([]float32, len(s.b)), make([]float32, len(s.b))
	return s
}

// read computes the products with input x and state h.
func (s *recurrentStepper) read(x, h []float32) {
	copy(s.wx, s.b)
	AddProduct(s.wx, s.w, x)
	clear(s.uh)
	AddProduct(s.uh, s.u, h)
}

// gate is W x + b + U h of unit i of the g-th gate of a cell with so many hidden units.
func (s *recurrentStepper) gate(g, hidden, i int) float32 {
	return s.wx[g*hidden+i] + s.uh[g*hidden+i]
}
