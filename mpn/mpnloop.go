package mpn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// mpnLoop is a window of the MPN whose chunks are a loop in the graph. All chunks have the same length; the last one is
// filled up with padded steps. Its sequences have the chunk as their first axis, N.
type mpnLoop struct {
	count  int    // T
	eta    *Node  // [K, 1, 1, 1]
	w      *Node  // W^T [K, I, H]
	x      *Node  // [N, K, B, C, I]
	xT     *Node  // the same, [N, K, B, I, C]
	decays decays // of all chunks, but for eta with the axis N in front; without a gate
	m      *Node  // M^T before each chunk, [N, K, B, I, H]
	h      *Node  // [N, K, B, C, H]
}

// loop computes Unroll by a loop over the chunks, whose gradient is derived by hand. The gradient computes again what a
// chunk reads of M before it, instead of keeping it.
func (c MPN) loop(params Nodes, x, valid, start *Node) Unrolled {
	if c.isGated() {
		return c.loopGated(params, x, valid, start)
	}
	l, m, y := c.newLoop(params, x), c.transposedOrZero(x, start), drive(params, x)
	parts := c.chunks(l.count)
	l.decays = newDecaysOf(chunksFirst(valid, parts), params.At("eta"), params.At("lambda"))
	final, emitted := loop(false, []*Node{m}, []*Node{l.w, l.eta},
		append([]*Node{l.x, l.xT, chunksFirst(y, parts)}, l.decays.nodes()...),
		func(m, constants, items []*Node) (next, emitted []*Node) {
			d := l.decays.with(constants[1], items[3:])
			chunk := newChunk(constants[0], m[0], items[0], items[1], items[2], d)
			return []*Node{chunk.after()}, []*Node{chunk.h, m[0]}
		})
	l.h, l.m = emitted[0], emitted[1]
	inputs := []*Node{params.At("W"), y, params.At("eta"), params.At("lambda"), x, m}
	outputs := differentiable(inputs, []*Node{l.steps(l.h), final[0]}, func(d []*Node) []*Node {
		g := l.gradient(d[0], d[1], true)
		return []*Node{Transpose(g.w, 1, 2), l.steps(g.y), g.eta, g.lambda, l.steps(g.x), g.m}
	})
	return Unrolled{H: outputs[0], Final: c.flat(Transpose(outputs[1], 2, 3)), Gradient: func(dh *Node) Nodes {
		g := l.gradient(dh, ZerosLike(m), false)
		dw, db := slowGradient(withOne(x), g.w, l.steps(g.y))
		return Nodes{"W": dw, "b": db, "eta": g.eta, "lambda": g.lambda}
	}}
}

// newLoop returns a loop over the chunks of x without what it computes.
func (c MPN) newLoop(params Nodes, x *Node) *mpnLoop {
	l := &mpnLoop{count: x.Shape().Dimensions[2], w: inputsFirst(params.At("W")),
		eta: InsertAxes(params.At("eta"), -1, -1, -1)}
	l.x = chunksFirst(x, c.chunks(l.count))
	l.xT = Transpose(l.x, 3, 4)
	return l
}

// transposedOrZero returns M^T [K, B, I, H] of a state [K, B, H*I] or, where it is nil, zero.
func (c MPN) transposedOrZero(x, state *Node) *Node {
	if state != nil {
		return c.transposed(state)
	}
	dims := x.Shape().Dimensions
	return Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], c.Input, c.Hidden))
}

// chunksFirst returns n [K, B, T, ...] in parts of equal length, [N, K, B, C, ...], filled up with zeros at the end.
func chunksFirst(n *Node, parts int) *Node {
	dims := n.Shape().Dimensions
	length := ceil(dims[2], parts)
	if missing := parts*length - dims[2]; missing > 0 {
		filled := append([]int{dims[0], dims[1], missing}, dims[3:]...)
		n = Concatenate([]*Node{n, Zeros(n.Graph(), shapes.Make(n.DType(), filled...))}, 2)
	}
	n = Reshape(n, append([]int{dims[0], dims[1], parts, length}, dims[3:]...)...)
	return stepsFirst(n)
}

// steps returns n [N, K, B, C, ...] as [K, B, T, ...], without what fills up the last chunk.
func (l *mpnLoop) steps(n *Node) *Node {
	n = Transpose(Transpose(n, 0, 1), 1, 2)
	dims := n.Shape().Dimensions
	n = Reshape(n, append([]int{dims[0], dims[1], dims[2] * dims[3]}, dims[4:]...)...)
	return SliceAxis(n, 2, AxisRange(0, l.count))
}

// loopGradient holds the gradients of a window's inputs.
type loopGradient struct {
	w           *Node // of W^T [K, I, H], without the drive's part
	y           *Node // [N, K, B, C, H]
	x           *Node // [N, K, B, C, I], without the drive's part; nil if it was not asked for
	eta, lambda *Node // [K]
	m           *Node // of M^T before the window, [K, B, I, H]
}

// gradient returns the adjoint of the loop, given the gradients dh [K, B, T, H] of h and dFinal [K, B, I, H] of M^T
// after the window.
func (l *mpnLoop) gradient(dh, dFinal *Node, byInputs bool) loopGradient {
	dims := l.w.Shape().Dimensions
	zeros := func(middle int) *Node {
		return Zeros(dh.Graph(), shapes.Make(dh.DType(), dims[0], middle, dims[2]))
	}
	parts := l.h.Shape().Dimensions[0]
	sums := []*Node{dFinal, ZerosLike(l.w), zeros(2), zeros(1), zeros(dims[1])}
	final, by := loop(true, sums, []*Node{l.w, l.eta},
		append([]*Node{l.x, l.xT, l.m, l.h, chunksFirst(dh, parts)}, l.decays.nodes()...),
		func(carry, constants, items []*Node) (next, emitted []*Node) {
			c := prepare(constants[0], items[2], items[0], items[1], l.decays.with(constants[1], items[5:]))
			c.remember(items[3])
			g := c.gradient(items[4], carry[0])
			of := rates{carry[2], carry[3], carry[4]}.add(g.rates)
			emitted = []*Node{g.y}
			if byInputs {
				emitted = append(emitted, c.byInputs(g.y, carry[0]))
			}
			return []*Node{g.m, sum(carry[1], g.w), of.writes, of.decay, of.last}, emitted
		})
	g := loopGradient{m: final[0], w: final[1], y: by[0]}
	g.eta, g.lambda = rates{final[2], final[3], final[4]}.total(Squeeze(l.eta, 1, 2, 3))
	if byInputs {
		g.x = by[1]
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

// byInputs returns the gradient of x [K, B, C, I], without the drive's part, given those of y [K, B, C, H] and of M^T
// after the chunk.
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
	return c.reader.byInputs(Mul(steps(c.d, 0, c.steps), dy), pairs, Mul(c.kept(), c.h), dAfter)
}

// newDecaysOf computes the factors of chunks of equal length, given valid [N, K, B, C]: all but eta have the axis N in
// front.
func newDecaysOf(valid, eta, lambda *Node) decays {
	dims := valid.Shape().Dimensions
	flat := Reshape(Transpose(valid, 0, 1), dims[1], dims[0]*dims[2], dims[3])
	d := newDecays(flat, eta, lambda)
	each := d.nodes()
	for i, n := range each {
		last := n.Shape().Dimensions[2]
		each[i] = Transpose(Reshape(n, dims[1], dims[0], dims[2], last, 1), 0, 1)
	}
	return d.with(d.eta, each)
}

// nodes returns the factors that differ between sequences; with puts others into their place.
func (d decays) nodes() []*Node { return []*Node{d.a, d.d, d.writes, d.power, d.slope} }

func (d decays) with(eta *Node, nodes []*Node) decays {
	return decays{steps: d.steps, eta: eta, a: nodes[0], d: nodes[1], writes: nodes[2], power: nodes[3],
		slope: nodes[4]}
}
