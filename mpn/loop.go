package mpn

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// The steps of the longest windows that are unrolled in the graph where a loop is possible. XLA compiles an unrolled
// window for a time that grows with its length, and a loop for one that does not. A cell's windows are loops from the
// length on, of L = 10, 31 and 50, at which a call of the loop takes no more processor time than of the unrolled form
// (BenchmarkForms; docs/performance.md, "Which form is chosen").
const (
	longestChunks = 51 // of the MPN, over chunks: longer ones take too long to compile
	longestSteps  = 10 // of the other cells, over steps: at L = 10 their windows have 11
)

// isLooped reports whether a window x [K, B, T, I] is computed by a loop in the graph, as those of more than the given
// steps are. The pure-Go backend, which has no dynamic slices and compiles in no time, unrolls every window.
func isLooped(x *Node, longest int) bool {
	return x.Shape().Dimensions[2] > longest &&
		x.Graph().Backend().Capabilities().Operations[compute.OpTypeDynamicUpdateSlice]
}

// strip is an array that a loop takes in parts of equal length along an axis, one part a round, or a part of one that
// it puts together. Length 0 means one element a round, without the axis.
type strip struct {
	*Node
	axis, length int
}

// elements returns strips that are taken element by element along their first axis.
func elements(nodes ...*Node) []strip { return strips(0, 0, nodes) }

// strips returns strips along an axis.
func strips(axis, length int, nodes []*Node) []strip {
	list := make([]strip, len(nodes))
	for i, n := range nodes {
		list[i] = strip{n, axis, length}
	}
	return list
}

// rounds returns the number of parts.
func (s strip) rounds() int { return s.Shape().Dimensions[s.axis] / max(1, s.length) }

// part returns the part of round at.
func (s strip) part(at *Node) *Node {
	dims := slices.Clone(s.Shape().Dimensions)
	dims[s.axis] = max(1, s.length)
	part := DynamicSlice(s.Node, s.place(at, len(dims)), dims)
	if s.length == 0 {
		part = Reshape(part, slices.Delete(dims, s.axis, s.axis+1)...)
	}
	return part
}

// whole returns the shape of what so many parts s are together.
func (s strip) whole(rounds int) shapes.Shape {
	dims := slices.Clone(s.Shape().Dimensions)
	if s.length == 0 {
		dims = slices.Insert(dims, s.axis, 1)
	}
	dims[s.axis] *= rounds
	return shapes.Make(s.DType(), dims...)
}

// within returns whole with the part s in its place of round at.
func (s strip) within(whole, at *Node) *Node {
	part := s.Node
	if s.length == 0 {
		part = InsertAxes(part, s.axis)
	}
	return DynamicUpdateSlice(whole, part, s.place(at, whole.Rank()))
}

// place returns the index, of so many axes, at which the part of round at begins.
func (s strip) place(at *Node, axes int) []*Node {
	place := make([]*Node, axes)
	for axis := range place {
		place[axis] = Const(at.Graph(), int32(0))
	}
	place[s.axis] = at
	if s.length > 1 {
		place[s.axis] = Mul(at, Const(at.Graph(), int32(s.length)))
	}
	return place
}

// rounds is the body of a loop: it maps what is carried from one round to the next, the constants and the round's parts
// of the sequences to what is carried on and the parts that the round emits.
//
// It reads no other nodes, takes no sums (ReduceSum) and no scalars (OneMinus, MulScalar): GoMLX 0.28 shares scalars
// between a graph's functions, and go-xla 0.3 the functions of sums, which XLA refuses.
type rounds func(carry, constants, items []*Node) (next []*Node, emitted []strip)

// loop runs body once for each part of the sequences, from the last to the first if backwards. It returns what is
// carried out of the last round, and what each emitted strip is together, in the order of the sequences. Autodiff does
// not pass through it: see differentiable.
func loop(backwards bool, carry, constants []*Node, sequences []strip, body rounds) (final, together []*Node) {
	g, count := carry[0].Graph(), sequences[0].rounds()
	counter := Const(g, int32(0))
	given := slices.Concat([]*Node{counter}, carry, constants)
	for _, s := range sequences {
		given = append(given, s.Node)
	}
	parts := []int{1, len(carry), len(constants), len(sequences)}
	var wholes []shapes.Shape
	round := NewClosure(g, func(g *Graph) []*Node {
		in := split(parametersOf(g, 0, shapesOf(given)), parts)
		at := in[0][0]
		if backwards {
			at = Sub(Const(g, int32(count-1)), at)
		}
		items := make([]*Node, len(sequences))
		for i, s := range sequences {
			items[i] = strip{in[3][i], s.axis, s.length}.part(at)
		}
		next, emitted := body(slices.Clone(in[1]), in[2], items)
		out := slices.Concat([]*Node{Add(in[0][0], Const(g, int32(1)))}, next, in[2], in[3])
		for _, s := range emitted {
			wholes = append(wholes, s.whole(count))
		}
		for i, whole := range parametersOf(g, len(given), wholes) {
			out = append(out, emitted[i].within(whole, at))
		}
		return out
	})
	for i, s := range wholes {
		given = append(given, BroadcastToDims(number(constants[0], i, s.DType), s.Dimensions...))
	}
	unfinished := NewClosure(g, func(g *Graph) []*Node {
		return []*Node{LessThan(parametersOf(g, 0, shapesOf(given))[0], Const(g, int32(count)))}
	})
	out := split(While(unfinished, round, given...), append(parts, len(wholes)))
	return out[1], out[4]
}

// number returns a number of n as a scalar, the i-th where n has as many. What a loop puts together begins with numbers
// of its own, which its rounds replace: XLA would make zeros that several loops begin with one array, and copy it.
func number(n *Node, i int, dtype dtypes.DType) *Node {
	size := n.Shape().Size()
	return ConvertDType(Reshape(SliceAxis(Reshape(n, size), 0, AxisElem(i%size))), dtype)
}

// parametersOf returns parameters of a closure, numbered from first, in the given shapes.
func parametersOf(g *Graph, first int, of []shapes.Shape) []*Node {
	nodes := make([]*Node, len(of))
	for i, s := range of {
		nodes[i] = Parameter(g, fmt.Sprintf("loop%d", first+i), s)
	}
	return nodes
}

// shapesOf returns the shapes of nodes.
func shapesOf(nodes []*Node) []shapes.Shape {
	of := make([]shapes.Shape, len(nodes))
	for i, n := range nodes {
		of[i] = n.Shape()
	}
	return of
}

// split returns consecutive parts of nodes, of the given lengths.
func split(nodes []*Node, lengths []int) [][]*Node {
	var parts [][]*Node
	for _, n := range lengths {
		parts, nodes = append(parts, nodes[:n:n]), nodes[n:]
	}
	return parts
}

// oneMinus returns 1 - n, also within a loop.
func oneMinus(n *Node) *Node { return Sub(one(n), n) }

// onesLike returns ones in the shape of n, also within a loop.
func onesLike(n *Node) *Node { return BroadcastToDims(one(n), n.Shape().Dimensions...) }

// one returns the scalar 1 in the type of n. Unlike ScalarOne's, its node is not shared.
func one(n *Node) *Node {
	if n.DType() == dtypes.Float64 {
		return Const(n.Graph(), float64(1))
	}
	return Const(n.Graph(), float32(1))
}

// differentiable gives outputs, which depend on the inputs by a way that autodiff does not pass, the gradient adjoint:
// it maps the gradients of the outputs, in their shapes, to those of the inputs.
//
// Autodiff takes a gradient by hand only of a function from one node to one of the same shape. So each output is an
// identity that notes its gradient when autodiff comes to it, each input one that returns its part of the adjoint, and
// a sum that is never taken connects them. Autodiff goes from later nodes to earlier ones, so it comes to all outputs
// first.
func differentiable(inputs, outputs []*Node, adjoint func(dOutputs []*Node) (dInputs []*Node)) []*Node {
	var (
		noted  = make([]*Node, len(outputs))
		result []*Node // the adjoint of noted; nil until an input is asked for its part
		path   = ScalarZero(outputs[0].Graph(), outputs[0].DType())
	)
	for i, input := range inputs {
		asked := IdentityWithCustomGradient(input, func(_, _ *Node) *Node {
			if result == nil {
				result = adjoint(withZeros(noted, outputs))
			}
			return result[i]
		})
		path = Add(path, ReduceAllSum(asked))
	}
	path = Where(Const(path.Graph(), false), path, ZerosLike(path))
	joined := make([]*Node, len(outputs))
	for i, output := range outputs {
		joined[i] = IdentityWithCustomGradient(Add(StopGradient(output), path), func(_, v *Node) *Node {
			if result != nil { // by an earlier call of Gradient
				noted, result = make([]*Node, len(outputs)), nil
			}
			noted[i] = v
			return v
		})
	}
	return joined
}

// withZeros returns gradients with zeros in the shape of the output for each that is nil.
func withZeros(gradients, outputs []*Node) []*Node {
	full := slices.Clone(gradients)
	for i, g := range full {
		if g == nil {
			full[i] = ZerosLike(outputs[i])
		}
	}
	return full
}
