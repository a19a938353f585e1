package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// chunk is C steps of the chunked form. Within it M is not formed; it stays the sum of what it was before the
// chunk and of the outer products written since,
//
//	M_t = d_t M + sum_{s<t} a_{s,t} h_s x_s^T    (before step t, t = 0..C),
//
// where d_t = lambda^n with n the valid steps before t, and a_{s,t} = eta lambda^n with n the valid steps between
// s and t, or 0 where s is padded. Reading it needs M once, and products of pairs that do not depend on h:
//
//	(W o M_t) x_t = d_t (W o M) x_t + sum_{s<t} a_{s,t} h_s o (W (x_s o x_t)).
//
// Pairs (s, t) are ordered by t and then by s.
type chunk struct {
	decays
	w        *Node   // [K, H, I]
	m        *Node   // [K, B, H, I] before the chunk; nil where it is zero
	x        *Node   // [K, B, C, I]
	products *Node   // x_s o x_t [K, B, C(C-1)/2, I], t < C
	pairs    *Node   // W (x_s o x_t) [K, B, C(C-1)/2, H]
	carried  *Node   // (W o M) x_t [K, B, C, H]; nil without m
	h        *Node   // [K, B, C, H]
	hs       []*Node // h_t, each [K, B, 1, H]
}

// newChunk unrolls the steps x [K, B, C, I] with drive y [K, B, C, H].
func newChunk(w, m, x, y *Node, d decays) *chunk {
	c := &chunk{decays: d, w: w, m: m, x: x}
	if d.steps > 1 {
		var products []*Node
		for t := 1; t < d.steps; t++ {
			products = append(products, Mul(steps(x, 0, t), steps(x, t, t+1)))
		}
		c.products = Concatenate(products, 2)
		c.pairs = Einsum("kbpi,khi->kbph", c.products, w)
	}
	if m != nil {
		c.carried = Einsum("kbti,kbhi->kbth", x, Mul(InsertAxes(w, 1), m))
		y = Add(y, Mul(steps(c.d, 0, d.steps), c.carried))
	}
	for t := range d.steps {
		yt := steps(y, t, t+1)
		if t > 0 {
			yt = Add(yt, ReduceAndKeep(Mul(c.written(t), c.h), ReduceSum, 2))
		}
		ht := Tanh(yt)
		c.hs = append(c.hs, ht)
		c.h = Concatenate(c.hs, 2)
	}
	return c
}

// written is a_{s,t} W (x_s o x_t) for every s < t, [K, B, t, H]: what step t reads of step s, per h_s.
func (c *chunk) written(t int) *Node {
	from, to := pairsOf(t)
	return Mul(steps(c.a, from, to), steps(c.pairs, from, to))
}

// after is M after the chunk, [K, B, H, I].
func (c *chunk) after() *Node {
	m := Einsum("kbth,kbti->kbhi", Mul(c.kept(), c.h), c.x)
	if c.m != nil {
		m = Add(m, Mul(steps(c.d, c.steps, c.steps+1), c.m))
	}
	return m
}

// kept is a_{s,C}, [K, B, C, 1]: what is left of step s after the chunk.
func (c *chunk) kept() *Node {
	from, to := pairsOf(c.steps)
	return steps(c.a, from, to)
}

// chunkGradient holds the gradients of a chunk's inputs and parameters.
type chunkGradient struct {
	y *Node // [K, B, C, H]
	m *Node // [K, B, H, I]; nil where the chunk's is
	w *Node // [K, H, I] by all but the drive; nil where nothing was written or carried
	decaysGradient
}

// gradient is the adjoint of the chunk: of the gradients of h, [K, B, C, H], and of M after the chunk,
// [K, B, H, I] or nil.
func (c *chunk) gradient(dh, dAfter *Node) chunkGradient {
	var g chunkGradient
	var left *Node // dAfter x_s [K, B, C, H]
	if dAfter != nil {
		left = Einsum("kbhi,kbti->kbth", dAfter, c.x)
		dh = Add(dh, Mul(c.kept(), left))
	}
	dys := c.backwards(dh)
	g.y = Concatenate(dys, 2)
	if c.steps > 1 {
		var both []*Node // h_s o dy_t of each pair
		for t := 1; t < c.steps; t++ {
			both = append(both, Mul(steps(c.h, 0, t), dys[t]))
		}
		pairs := Concatenate(both, 2)
		_, last := pairsOf(c.steps - 1)
		g.w = Einsum("kbph,kbpi->khi", Mul(steps(c.a, 0, last), pairs), c.products)
		g.a = append(g.a, ReduceAndKeep(Mul(pairs, c.pairs), ReduceSum, -1))
	}
	if dAfter != nil {
		g.a = append(g.a, ReduceAndKeep(Mul(c.h, left), ReduceSum, -1))
	}
	if c.m != nil {
		c.addCarried(&g, dAfter)
	}
	return g
}

// backwards goes through the steps from the last to the first and returns the gradient of each y_t, [K, B, 1, H].
func (c *chunk) backwards(dh *Node) []*Node {
	dys := make([]*Node, c.steps)
	var later *Node // what the steps behind t say of h_0..h_t, [K, B, t+1, H]
	for t := c.steps - 1; t >= 0; t-- {
		d := steps(dh, t, t+1)
		if later != nil {
			d = Add(d, steps(later, t, t+1))
		}
		dys[t] = Mul(d, OneMinus(Square(c.hs[t])))
		if t == 0 {
			break
		}
		said := Mul(c.written(t), dys[t])
		if later != nil {
			said = Add(said, steps(later, 0, t))
		}
		later = said
	}
	return dys
}

// addCarried adds what M before the chunk has to do with.
func (c *chunk) addCarried(g *chunkGradient, dAfter *Node) {
	d := steps(c.d, 0, c.steps)
	outer := Einsum("kbth,kbti->kbhi", Mul(d, g.y), c.x) // the gradient of W o M
	g.m = Mul(InsertAxes(c.w, 1), outer)
	w := ReduceSum(Mul(outer, c.m), 1)
	if g.w != nil {
		w = Add(w, g.w)
	}
	g.w = w
	g.d = append(g.d, ReduceAndKeep(Mul(g.y, c.carried), ReduceSum, -1))
	if dAfter != nil {
		g.m = Add(g.m, Mul(steps(c.d, c.steps, c.steps+1), dAfter))
		g.d = append(g.d, InsertAxes(ReduceSum(Mul(dAfter, c.m), 2, 3), -1, -1))
	}
}

// steps is a range of the third axis of n [K, B, T, ...].
func steps(n *Node, from, to int) *Node { return SliceAxis(n, 2, AxisRange(from, to)) }
