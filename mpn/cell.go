package mpn

import (
	"fmt"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

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

// Param describes one parameter of one member.
type Param struct {
	Name  string
	Shape []int // without the population axis
	// Init writes the initial value; it may draw from rng.
	Init func(rng *rand.Rand, dst []float32)
	// Trainable parameters get gradients; the others keep their initial value.
	Trainable bool
	// Weight marks a matrix of slow weights. The L1 penalty sums over these; biases, eta and lambda are excluded.
	Weight bool
	// Projected parameters are projected to [0, lambda_max] after each update. Clipping inside the graph would give a
	// zero gradient outside the bounds, and the parameter would stay there.
	Projected bool
}

// Size returns the number of floats.
func (p Param) Size() int {
	size := 1
	for _, dim := range p.Shape {
		size *= dim
	}
	return size
}

// Nodes are parameters as graph nodes, by name, each with a leading population axis K.
type Nodes map[string]*Node

// At returns the named parameter. It panics if the name is unknown.
func (n Nodes) At(name string) *Node {
	node, found := n[name]
	if !found {
		panic(fmt.Errorf("mpn: no parameter %q among %d", name, len(n)))
	}
	return node
}

// Values are one member's parameters on the host, by name.
type Values map[string][]float32

// At returns the named parameter. It panics if the name is unknown.
func (v Values) At(name string) []float32 {
	value, found := v[name]
	if !found {
		panic(fmt.Errorf("mpn: no parameter %q among %d", name, len(v)))
	}
	return value
}

// CountTrainable returns the number of trainable floats in params.
func CountTrainable(params []Param) int {
	count := 0
	for _, p := range params {
		if p.Trainable {
			count += p.Size()
		}
	}
	return count
}

// namesOf returns the names of a cell's parameters, in their order.
func namesOf(c Cell) []string {
	var names []string
	for _, p := range c.Params() {
		names = append(names, p.Name)
	}
	return names
}
