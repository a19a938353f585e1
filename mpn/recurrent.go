package mpn

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// The ordinary recurrent cells (RNN, GRU, LSTM) are the baselines of the MPN. They have G gates of H units each, one
// after the other in W [G*H, I], U [G*H, H] and b [G*H]. They differ only in the step from state to state.

// recurrentWeights returns the parameters of a cell with one gate for each of biases: W Xavier-uniform per gate, U
// uniform in +-1/sqrt(H) (U need not be orthogonal for sequences of tens of steps), and b as given. All
// G*H(H+I+1) are trainable.
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

// recurrence computes one step of a cell from wx = W x_t + b and uh = U h_{t-1}, each [K, B, G*H]. The state before and
// after the step is a list of parts [K, B, H]; the first part is h.
type recurrence func(wx, uh *Node, before []*Node) (after []*Node)

// unrollRecurrent unrolls a cell whose state has the given number of parts. W x + b is one product for the whole
// window. At a padded step, H repeats the h of the step before.
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

// startParts splits start [K, B, parts*H] into its parts; nil means zero.
func startParts(x, start *Node, hidden, parts int) []*Node {
	if start == nil {
		dims := x.Shape().Dimensions
		start = Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], parts*hidden))
	}
	return Split(start, -1, parts)
}

// whereValid returns after where valid [K, B, 1] is 1, else before, so that neither value nor gradient crosses a padded
// step.
func whereValid(valid *Node, after, before []*Node) []*Node {
	kept := make([]*Node, len(after))
	for i := range after {
		isValid := BroadcastToDims(IsPositive(valid), after[i].Shape().Dimensions...)
		kept[i] = Where(isValid, after[i], before[i])
	}
	return kept
}

// recurrentStepper holds one member's parameters and buffers for the two products of a step. Because of the buffers a
// stepper must not be used by two goroutines at once.
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

// gate returns W x + b + U h of unit i of gate g.
func (s *recurrentStepper) gate(g, hidden, i int) float32 {
	return s.wx[g*hidden+i] + s.uh[g*hidden+i]
}
