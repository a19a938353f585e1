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

// recurrence is one step of a cell. The state before and after the step is a list of parts [K, B, H]; the first is h.
type recurrence struct {
	parts int
	// step computes the state after the step from wx = W x_t + b and uh = U h_{t-1}, each [K, B, G*H], and returns what
	// adjoint reads of it.
	step func(wx, uh *Node, before []*Node) (after, kept []*Node)
	// adjoint returns the gradients of wx, of uh and of the state before the step (nil: zero), given that of the state
	// after it. The way through uh is not in dBefore. If wx and uh are only added, their gradient is the same node.
	adjoint func(before, kept, dAfter []*Node) (dWx, dUh *Node, dBefore []*Node)
}

// recurrentWindow computes a window, unrolled or by a loop.
func recurrentWindow(params Nodes, x, valid, start *Node, r recurrence) Unrolled {
	if isLooped(x, longestSteps) {
		return loopRecurrent(params, x, valid, start, r)
	}
	return unrollRecurrent(params, x, valid, start, r)
}

// unrollRecurrent unrolls a window. W x + b is one product for all of it. At a padded step, H repeats the h of the step
// before.
func unrollRecurrent(params Nodes, x, valid, start *Node, r recurrence) Unrolled {
	var (
		u     = params.At("U")
		wx    = drive(params, x)
		state = startParts(x, start, u.Shape().Dimensions[2], r.parts)
		hs    []*Node
	)
	for t := range x.Shape().Dimensions[2] {
		after, _ := r.step(Squeeze(steps(wx, t, t+1), 2), product(state[0], u), state)
		state = whereValid(IsPositive(steps(valid, t, t+1)), after, state)
		hs = append(hs, InsertAxes(state[0], 2))
	}
	h := Concatenate(hs, 2)
	return Unrolled{H: h, Final: Concatenate(state, -1), Gradient: byAutodiff(params, h, "W", "U", "b")}
}

// slopeOf returns the derivative of the logistic function where its value is s.
func slopeOf(s *Node) *Node { return Mul(s, oneMinus(s)) }

// startParts splits start [K, B, parts*H] into its parts; nil means zero.
func startParts(x, start *Node, hidden, parts int) []*Node {
	if start == nil {
		dims := x.Shape().Dimensions
		start = Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], parts*hidden))
	}
	return Split(start, -1, parts)
}

// whereValid returns after where valid [K, B, 1] holds, else before, so that neither value nor gradient crosses a
// padded step.
func whereValid(valid *Node, after, before []*Node) []*Node {
	kept := make([]*Node, len(after))
	for i := range after {
		isValid := BroadcastToDims(valid, after[i].Shape().Dimensions...)
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
