package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// chunk holds C steps of the chunked form. Within a chunk M is not computed. It is kept as the sum of M before the
// chunk and the outer products written since,
//
//	M_t = d_t M + sum_{s<t} a_{s,t} h_s x_s^T    (before step t, t = 0..C),
//
// where d_t = lambda^n with n the valid steps before t, and a_{s,t} = eta lambda^n with n the valid steps between
// s and t, or 0 where s is padded. Reading it needs M once, and products of pairs that do not depend on h:
//
//	(W o M_t) x_t = d_t (W o M) x_t + sum_{s<t} a_{s,t} h_s o (W (x_s o x_t)).
//
// Pairs (s, t) are ordered by t and then by s. W and M are held transposed because XLA's CPU backend vectorises along
// the last axis, and H is usually much longer than I. The writes to M are products of small matrices, which are fast
// only if no operand is transposed. So x is held in both layouts; the transpose is a slice of the whole window's,
// because XLA would fuse a transpose made just before a product into the product.
type chunk struct {
	reader
	decays
	reads *Node   // a_{s,t} W (x_s o x_t), the factor of h_s in what step t reads, [K, B, C(C-1)/2, H]
	h     *Node   // [K, B, C, H]
	hs    []*Node // h_t, each [K, B, 1, H]
}

// newChunk unrolls C steps: inputs x [K, B, C, I], their transpose xT [K, B, I, C], and drive y [K, B, C, H].
func newChunk(w, m, x, xT, y *Node, d decays) *chunk {
	c := prepare(w, m, x, xT, d)
	if m != nil {
		y = Add(y, Mul(c.d(0, d.steps), c.carried))
	}
	for t := range d.steps {
		yt := steps(y, t, t+1)
		for s := range t {
			yt = Add(yt, Mul(c.read(s, t), c.hs[s]))
		}
		c.hs = append(c.hs, Tanh(yt))
	}
	c.h = Concatenate(c.hs, 2)
	return c
}

// prepare computes what a chunk's steps read that does not depend on h.
func prepare(w, m, x, xT *Node, d decays) *chunk {
	c := &chunk{reader: newReader(w, m, x, xT), decays: d}
	if c.steps > 1 {
		_, last := pairsOf(c.steps - 1)
		c.reads = Mul(c.a(0, last), c.pairs)
	}
	return c
}

// read returns a_{s,t} W (x_s o x_t), [K, B, 1, H].
func (c *chunk) read(s, t int) *Node {
	from, _ := pairsOf(t)
	return steps(c.reads, from+s, from+s+1)
}

// after returns M^T after the chunk, [K, B, I, H].
func (c *chunk) after() *Node {
	return c.afterWrites(Mul(c.kept(), c.h), c.last())
}

// kept returns a_{s,C}, [K, B, C, 1], the factor by which the write of each step s remains after the chunk.
func (c *chunk) kept() *Node {
	from, to := pairsOf(c.steps)
	return c.a(from, to)
}

// last returns d_C, [K, B, 1, 1], the factor by which M before the chunk remains after it.
func (c *chunk) last() *Node { return c.d(c.steps, c.steps+1) }

// chunkGradient holds the gradients of a chunk's inputs and parameters.
type chunkGradient struct {
	inputGradient
	rates
}

// gradient computes the adjoint of the chunk, given the gradients dh [K, B, C, H] of h and dAfter [K, B, I, H], or nil,
// of M^T after the chunk.
func (c *chunk) gradient(dh, dAfter *Node) chunkGradient {
	var (
		g    chunkGradient
		byA  []*Node // the terms of dL/da_{s,t} before their sum over H, [K, B, n, H] each
		left *Node   // dAfter x_s [K, B, C, H]
	)
	if dAfter != nil {
		left = Einsum("kbti,kbih->kbth", c.x, dAfter)
		dh = Add(dh, Mul(c.kept(), left))
	}
	dys := c.backwards(dh)
	g.y = Concatenate(dys, 2)
	if c.steps > 1 {
		var pairs *Node
		g.w, pairs = c.byPairs(dys)
		byA = append(byA, Mul(pairs, c.pairs))
	}
	if dAfter != nil {
		byA = append(byA, Mul(c.h, left))
	}
	if len(byA) > 0 {
		g.writes = c.decays.byWrites(Concatenate(byA, 2))
	}
	if c.m != nil {
		c.addCarried(&g, dAfter)
	}
	return g
}

// byPairs returns the gradient of W^T through the reads of pairs, [K, I, H], and h_s o dy_t of each pair.
func (c *chunk) byPairs(dys []*Node) (w, pairs *Node) {
	var both []*Node
	for t := 1; t < c.steps; t++ {
		both = append(both, Mul(steps(c.h, 0, t), dys[t]))
	}
	pairs = Concatenate(both, 2)
	return c.byProducts(c.scaled(pairs)), pairs
}

// scaled returns a_{s,t} times the values of the pairs.
func (c *chunk) scaled(pairs *Node) *Node {
	_, last := pairsOf(c.steps - 1)
	return Mul(c.a(0, last), pairs)
}

// backwards returns the gradient of each y_t, [K, B, 1, H]. It goes from the last step to the first.
func (c *chunk) backwards(dh *Node) []*Node {
	dys := make([]*Node, c.steps)
	for s := c.steps - 1; s >= 0; s-- {
		d := steps(dh, s, s+1)
		for t := s + 1; t < c.steps; t++ {
			d = Add(d, Mul(c.read(s, t), dys[t]))
		}
		dys[s] = Mul(d, oneMinus(Square(c.hs[s])))
	}
	return dys
}

// addCarried adds the gradient terms that flow through M as it was before the chunk.
func (c *chunk) addCarried(g *chunkGradient, dAfter *Node) {
	g.addCarried(c.reader, Mul(c.d(0, c.steps), g.y))
	g.decay = c.decays.byDecay(Mul(g.y, c.carried))
	if dAfter != nil {
		g.m = Add(g.m, Mul(c.last(), dAfter))
		g.last = c.decays.byLast(Mul(dAfter, c.m))
	}
}

// overBatch returns the sum of n [K, B, I, H] over B, [K, I, H], by halves.
func overBatch(n *Node) *Node {
	var rest *Node // those left over by odd batches
	for b := n.Shape().Dimensions[1]; b > 1; b /= 2 {
		half := b / 2
		if b%2 == 1 {
			rest = sum(rest, SliceAxis(n, 1, AxisElem(b-1)))
		}
		n = Add(SliceAxis(n, 1, AxisRange(0, half)), SliceAxis(n, 1, AxisRange(half, 2*half)))
	}
	return Squeeze(sum(n, rest), 1)
}

// sum returns a + b, where nil means zero.
func sum(a, b *Node) *Node {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return Add(a, b)
}

// steps returns the range [from, to) of the third axis of n [K, B, T, ...].
func steps(n *Node, from, to int) *Node { return SliceAxis(n, 2, AxisRange(from, to)) }
