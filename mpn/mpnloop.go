package mpn

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// mpnLoop is a window of the MPN whose chunks are a loop in the graph. All chunks have the same length C; the last one
// is filled up with padded steps.
//
// A round takes its chunk from the window's arrays as they are, and computes the chunk's drive and decays, so that a
// window needs little memory beyond h and M: the system takes back what a call took above 32 MB, and it costs as many
// page faults in the next call.
type mpnLoop struct {
	count        int   // T
	chunk, parts int   // C and the number of chunks N
	w, b         *Node // W^T [K, I, H] and b [K, 1, 1, H]
	x            *Node // [K, B, N C, I]
	xT           *Node // the same, [K, B, I, N C]
	valid        *Node // [K, B, N C], of the gated cell [K, B, N C, 1]
	m            *Node // M^T before each chunk, [N, K, B, I, H]
	h            *Node // [K, B, N C, H]
}

// loop computes Unroll by a loop over the chunks, whose gradient is derived by hand. The gradient computes again what a
// chunk reads of M before it, instead of keeping it.
func (c MPN) loop(params Nodes, x, valid, start *Node) Unrolled {
	if c.isGated() {
		return c.loopGated(params, x, valid, start)
	}
	l, m := c.newLoop(params, x, valid), c.transposedOrZero(x, start)
	powers := powersOf(params.At("eta"), params.At("lambda"), l.chunk)
	final, emitted := loop(false, []*Node{m}, []*Node{l.w, l.b, powers}, l.sequences(),
		func(m, constants, items []*Node) (next []*Node, emitted []strip) {
			w, x := constants[0], items[0]
			chunk := newChunk(w, m[0], x, items[1], driveBy(w, constants[1], x), newDecays(items[2], constants[2]))
			return []*Node{chunk.after()}, append(l.stretches(chunk.h), elements(m[0])...)
		})
	l.h, l.m = emitted[0], emitted[1]
	inputs := []*Node{params.At("W"), params.At("b"), params.At("eta"), params.At("lambda"), x, m}
	outputs := differentiable(inputs, []*Node{l.steps(l.h), final[0]}, func(d []*Node) []*Node {
		g := l.gradient(powers, d[0], d[1], true)
		return []*Node{g.w, g.b, g.eta, g.lambda, g.x, g.m}
	})
	return Unrolled{H: outputs[0], Final: c.flat(Transpose(outputs[1], 2, 3)), Gradient: func(dh *Node) Nodes {
		g := l.gradient(powers, dh, ZerosLike(m), false)
		return Nodes{"W": g.w, "b": g.b, "eta": g.eta, "lambda": g.lambda}
	}}
}

// newLoop returns a loop over the chunks of x without what it computes.
func (c MPN) newLoop(params Nodes, x, valid *Node) *mpnLoop {
	count := x.Shape().Dimensions[2]
	parts := c.chunks(count)
	l := &mpnLoop{count: count, chunk: ceil(count, parts), parts: parts,
		w: inputsFirst(params.At("W")), b: InsertAxes(params.At("b"), 1, 1)}
	l.x, l.valid = l.filled(x), l.filled(valid)
	l.xT = Transpose(l.x, 2, 3)
	return l
}

// sequences returns x, x^T, valid and others [K, B, N C, ...], of which a round takes its chunk.
func (l *mpnLoop) sequences(others ...*Node) []strip {
	return append([]strip{{l.x, 2, l.chunk}, {l.xT, 3, l.chunk}, {l.valid, 2, l.chunk}}, l.stretches(others...)...)
}

// stretches returns nodes [K, B, N C, ...] as strips of a chunk a round, or chunks as parts of such.
func (l *mpnLoop) stretches(nodes ...*Node) []strip { return strips(2, l.chunk, nodes) }

// filled returns n [K, B, T, ...] filled up with zeros, [K, B, N C, ...].
func (l *mpnLoop) filled(n *Node) *Node {
	dims := slices.Clone(n.Shape().Dimensions)
	if dims[2] = l.parts*l.chunk - l.count; dims[2] == 0 {
		return n
	}
	return Concatenate([]*Node{n, Zeros(n.Graph(), shapes.Make(n.DType(), dims...))}, 2)
}

// steps returns n [K, B, N C, ...] as [K, B, T, ...], without what fills up the last chunk.
func (l *mpnLoop) steps(n *Node) *Node { return steps(n, 0, l.count) }

// driveBy returns b + W x_t of every step, [K, B, C, H], given W^T [K, I, H] and b [K, 1, 1, H].
func driveBy(w, b, x *Node) *Node { return Add(Einsum("kbti,kih->kbth", x, w), b) }

// transposedOrZero returns M^T [K, B, I, H] of a state [K, B, H*I] or, where it is nil, zero.
func (c MPN) transposedOrZero(x, state *Node) *Node {
	if state != nil {
		return c.transposed(state)
	}
	dims := x.Shape().Dimensions
	return Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], c.Input, c.Hidden))
}

// loopGradient holds the gradients of a window's inputs.
type loopGradient struct {
	w, b        *Node // [K, H, I], [K, H]
	x           *Node // [K, B, T, I]; nil if it was not asked for
	eta, lambda *Node // [K]
	m           *Node // of M^T before the window, [K, B, I, H]
}

// gradient returns the adjoint of the loop, given the powers of lambda and the gradients dh [K, B, T, H] of h and
// dFinal [K, B, I, H] of M^T after the window.
func (l *mpnLoop) gradient(powers, dh, dFinal *Node, byInputs bool) loopGradient {
	dims := l.w.Shape().Dimensions
	zeros := func(middle int) *Node {
		return Zeros(dh.Graph(), shapes.Make(dh.DType(), dims[0], middle, dims[2]))
	}
	sums := []*Node{dFinal, ZerosLike(l.w), zeros(dims[1] + 1), zeros(2), zeros(1), zeros(dims[1])}
	final, by := loop(true, sums, []*Node{l.w, powers}, append(l.sequences(l.h, l.filled(dh)), elements(l.m)...),
		func(carry, constants, items []*Node) (next []*Node, emitted []strip) {
			c := prepare(constants[0], items[5], items[0], items[1], newDecays(items[2], constants[1]))
			c.remember(items[3])
			g := c.gradient(items[4], carry[0])
			if byInputs {
				emitted = l.stretches(c.byInputs(g.y, carry[0]))
			}
			driven, of := byDrive(withOne(c.x), g.y), rates{carry[3], carry[4], carry[5]}.add(g.rates)
			return []*Node{g.m, sum(carry[1], g.w), Add(carry[2], driven), of.writes, of.decay, of.last}, emitted
		})
	g := loopGradient{m: final[0]}
	g.w, g.b = slowGradient(final[1], final[2])
	g.eta, g.lambda = rates{final[3], final[4], final[5]}.total(Zeros(dh.Graph(), shapes.Make(dh.DType(), dims[0])))
	if byInputs {
		g.x = l.steps(by[0])
	}
	return g
}

// remember sets h [K, B, C, H] of a prepared chunk, as it was computed before.
func (c *chunk) remember(h *Node) {
	c.h = h
	for t := range c.steps {
		c.hs = append(c.hs, steps(h, t, t+1))
	}
}

// byInputs returns the gradient of x [K, B, C, I], given those of y [K, B, C, H] and of M^T after the chunk.
func (c *chunk) byInputs(dy, dAfter *Node) *Node {
	var pairs *Node
	if c.steps > 1 {
		dys := make([]*Node, c.steps)
		for t := range dys {
			dys[t] = steps(dy, t, t+1)
		}
		_, pairs = c.byPairs(dys)
		pairs = c.scaled(pairs)
	}
	return c.reader.byInputs(dy, Mul(c.d(0, c.steps), dy), pairs, Mul(c.kept(), c.h), dAfter)
}
