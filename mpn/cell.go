package mpn

import . "github.com/gomlx/gomlx/core/graph"

// Cell is a recurrent cell. In graphs its parameters have a leading population axis; a Stepper reads the parameters of
// one member.
type Cell interface {
	// Name returns the name of the cell in configs and files.
	Name() string
	// Sizes returns the input size I, the hidden size H and the state's size S (floats per sequence).
	Sizes() (input, hidden, state int)
	// Params lists the parameters of one member, in their order in files.
	Params() []Param
	// Unroll runs the cell over x [K, B, T, I] with valid [K, B, T] from start [K, B, S] (nil: all zero).
	Unroll(params Nodes, x, valid, start *Node) Unrolled
	// NewStepper returns the cell as a single step in plain Go, reading params without copying them.
	NewStepper(params Values) Stepper
}

// Unrolled is a cell run over a batch of sequences.
type Unrolled struct {
	H     *Node // hidden activity, [K, B, T, H]
	Final *Node // state after the last step, [K, B, S]; nil where S is 0
	// Gradient returns the gradient of each parameter, in its shape, given the gradient dH [K, B, T, H] of H. It equals
	// graph.Gradient, but is derived by hand where that is faster. The graph itself can be differentiated too, for
	// example with respect to inputs and start state.
	Gradient func(dH *Node) Nodes
}

// byAutodiff returns an Unrolled.Gradient computed by automatic differentiation.
func byAutodiff(params Nodes, h *Node, names ...string) func(dH *Node) Nodes {
	return func(dH *Node) Nodes {
		nodes := make([]*Node, len(names))
		for i, name := range names {
			nodes[i] = params.At(name)
		}
		total := Nodes{}
		for i, g := range Gradient(ReduceAllSum(Mul(h, StopGradient(dH))), nodes...) {
			total[names[i]] = g
		}
		return total
	}
}

// Stepper runs one cell with the parameters of one member, step by step, for acting. It is not safe for concurrent use.
type Stepper interface {
	// Step reads x [I] and state [S], writes hidden [H] and overwrites state with the state after the step.
	// It does not allocate. The caller ensures that the lengths are right.
	Step(x, state, hidden []float32)
}

// namesOf returns the names of a cell's parameters, in their order.
func namesOf(c Cell) []string {
	var names []string
	for _, p := range c.Params() {
		names = append(names, p.Name)
	}
	return names
}
