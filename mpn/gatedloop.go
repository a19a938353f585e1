package mpn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gatedLoop is a window of the gated cell whose chunks are a loop in the graph.
type gatedLoop struct {
	*mpnLoop
	eta, lambda *Node // [K, 1, 1, 1]
	open        *Node // sigmoid(z), [K, B, N C, R]
	memory      *Node // what each step reads of M, [K, B, N C, H]
	final       *Node // M^T after the window, [K, B, I, H]
}

// loopGated computes loop with a gate.
func (c MPN) loopGated(params Nodes, x, valid, start *Node) Unrolled {
	u, m := newGatedUnroll(c, params, x, valid), c.transposedOrZero(x, start)
	l := &gatedLoop{mpnLoop: c.newLoop(params, x, u.valid)}
	l.open = l.filled(u.open)
	l.eta, l.lambda = u.rates()
	final, emitted := loop(false, []*Node{m}, []*Node{l.w, l.b, l.eta, l.lambda}, l.sequences(l.open),
		func(m, constants, items []*Node) (next []*Node, emitted []strip) {
			w, x := constants[0], items[0]
			c := newGatedChunk(newReader(w, m[0], x, items[1]), driveBy(w, constants[1], x),
				newForgetting(constants[2], constants[3], items[3], items[2]))
			return []*Node{c.after()}, append(
				l.stretches(Concatenate(c.hs, 2), Concatenate(c.memory, 2)), elements(m[0])...)
		})
	l.h, l.memory, l.m, l.final = emitted[0], emitted[1], emitted[2], final[0]
	inputs := []*Node{params.At("W"), params.At("b"), params.At("eta"), params.At("lambda"), u.logits, x, m}
	outputs := differentiable(inputs, []*Node{l.steps(l.h), final[0]}, func(d []*Node) []*Node {
		g, dLog := l.gradient(d[0], d[1], true)
		lambda, dz := u.byGate(dLog)
		return []*Node{g.w, g.b, g.eta, lambda, dz, g.x, g.m}
	})
	return Unrolled{H: outputs[0], Final: c.flat(Transpose(outputs[1], 2, 3)), Gradient: func(dh *Node) Nodes {
		g, dLog := l.gradient(dh, ZerosLike(m), false)
		return u.parameters(g.w, g.b, g.eta, dLog)
	}}
}

// gradient returns the adjoint of the loop without that of lambda, and the gradient of log lambda_t of each unit,
// [K, B, T, H], given the gradients dh [K, B, T, H] of h and dFinal [K, B, I, H] of M^T after the window. See
// gatedUnroll.gradient; what is read of M after the window counts as a step of its own.
func (l *gatedLoop) gradient(dh, dFinal *Node, byInputs bool) (g loopGradient, dLog *Node) {
	dims := l.w.Shape().Dimensions
	zeros := func(axes ...int) *Node { return Zeros(dh.Graph(), shapes.Make(dh.DType(), axes...)) }
	sums := []*Node{dFinal, ZerosLike(l.w), zeros(dims[0], dims[1]+1, dims[2]), zeros(dims[0], dims[2]),
		ReduceAndKeep(Mul(dFinal, l.final), ReduceSum, 2)}
	final, by := loop(true, sums, []*Node{l.w, l.eta, l.lambda},
		append(l.sequences(l.open, l.h, l.memory, l.filled(dh)), elements(l.m)...),
		func(carry, constants, items []*Node) (next []*Node, emitted []strip) {
			c := rememberedChunk(newReader(constants[0], items[7], items[0], items[1]), items[4], items[5],
				newForgetting(constants[1], constants[2], items[3], items[2]))
			g := c.gradient(items[6], carry[0], carry[4])
			emitted = l.stretches(g.dLogs)
			if byInputs {
				emitted = append(emitted, l.stretches(c.byInputs(g.y, carry[0]))...)
			}
			driven := byDrive(withOne(c.x), g.y)
			return []*Node{g.m, sum(carry[1], g.w), Add(carry[2], driven), Add(carry[3], g.eta), g.later}, emitted
		})
	g = loopGradient{m: final[0], eta: ReduceSum(final[3], 1)}
	g.w, g.b = slowGradient(final[1], final[2])
	if byInputs {
		g.x = l.steps(by[1])
	}
	return g, l.steps(by[0])
}
