package mpn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gatedLoop is a window of the gated cell whose chunks are a loop in the graph.
type gatedLoop struct {
	*mpnLoop
	lambda *Node // [K, 1, 1, 1]
	open   *Node // sigmoid(z), [N, K, B, C, R]
	valid  *Node // [N, K, B, C, 1]
	memory *Node // what each step reads of M, [N, K, B, C, H]
	final  *Node // M^T after the window, [K, B, I, H]
}

// loopGated computes loop with a gate.
func (c MPN) loopGated(params Nodes, x, valid, start *Node) Unrolled {
	u, m, y := newGatedUnroll(c, params, x, valid), c.transposedOrZero(x, start), drive(params, x)
	parts := c.chunks(x.Shape().Dimensions[2])
	l := &gatedLoop{mpnLoop: c.newLoop(params, x), open: chunksFirst(u.open, parts),
		valid: chunksFirst(u.valid, parts)}
	_, l.lambda = u.rates()
	final, emitted := loop(false, []*Node{m}, []*Node{l.w, l.eta, l.lambda},
		[]*Node{l.x, l.xT, l.open, l.valid, chunksFirst(y, parts)},
		func(m, constants, items []*Node) (next, emitted []*Node) {
			c := newGatedChunk(newReader(constants[0], m[0], items[0], items[1]), items[4],
				newForgetting(constants[1], constants[2], items[2], items[3]))
			return []*Node{c.after()}, []*Node{Concatenate(c.hs, 2), Concatenate(c.memory, 2), m[0]}
		})
	l.h, l.memory, l.m, l.final = emitted[0], emitted[1], emitted[2], final[0]
	inputs := []*Node{params.At("W"), y, params.At("eta"), params.At("lambda"), u.logits, x, m}
	outputs := differentiable(inputs, []*Node{l.steps(l.h), final[0]}, func(d []*Node) []*Node {
		g, dLog := l.gradient(d[0], d[1], true)
		lambda, dz := u.byGate(l.steps(dLog))
		return []*Node{Transpose(g.w, 1, 2), l.steps(g.y), g.eta, lambda, dz, l.steps(g.x), g.m}
	})
	return Unrolled{H: outputs[0], Final: c.flat(Transpose(outputs[1], 2, 3)), Gradient: func(dh *Node) Nodes {
		g, dLog := l.gradient(dh, ZerosLike(m), false)
		return u.parameters(g.w, g.eta, l.steps(g.y), l.steps(dLog))
	}}
}

// gradient returns the adjoint of the loop without that of lambda, and the gradient of log lambda_t of each unit,
// [N, K, B, C, H], given the gradients dh [K, B, T, H] of h and dFinal [K, B, I, H] of M^T after the window. See
// gatedUnroll.gradient; what is read of M after the window counts as a step of its own.
func (l *gatedLoop) gradient(dh, dFinal *Node, byInputs bool) (g loopGradient, dLog *Node) {
	dims := l.h.Shape().Dimensions
	zeros := func(axes ...int) *Node { return Zeros(dh.Graph(), shapes.Make(dh.DType(), axes...)) }
	sums := []*Node{dFinal, ZerosLike(l.w), zeros(dims[1], dims[4]),
		ReduceAndKeep(Mul(dFinal, l.final), ReduceSum, 2)}
	final, by := loop(true, sums, []*Node{l.w, l.eta, l.lambda},
		[]*Node{l.x, l.xT, l.open, l.valid, l.m, l.h, l.memory, chunksFirst(dh, dims[0])},
		func(carry, constants, items []*Node) (next, emitted []*Node) {
			c := rememberedChunk(newReader(constants[0], items[4], items[0], items[1]), items[5], items[6],
				newForgetting(constants[1], constants[2], items[2], items[3]))
			g := c.gradient(items[7], carry[0], carry[3])
			emitted = []*Node{g.y, g.dLogs}
			if byInputs {
				emitted = append(emitted, c.byInputs(g.y, carry[0]))
			}
			return []*Node{g.m, sum(carry[1], g.w), Add(carry[2], g.eta), g.later}, emitted
		})
	g = loopGradient{m: final[0], w: final[1], y: by[0], eta: ReduceSum(final[2], 1)}
	if byInputs {
		g.x = by[2]
	}
	return g, by[1]
}
