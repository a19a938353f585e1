package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// reader holds what a chunk of C steps knows before any h: its inputs and the products by which its steps read M. The
// decays of M do not matter to it.
type reader struct {
	w        *Node // W^T [K, I, H]
	m        *Node // M^T before the chunk [K, B, I, H]; nil where it is zero
	x        *Node // [K, B, C, I]
	xT       *Node // the same, [K, B, I, C]
	products *Node // x_s o x_t of the pairs with t < C, [K, B, C(C-1)/2, I]; nil if C is 1
	pairs    *Node // W (x_s o x_t) [K, B, C(C-1)/2, H]; nil if C is 1
	carried  *Node // (W o M) x_t [K, B, C, H]; nil without m
}

func newReader(w, m, x, xT *Node) reader {
	r := reader{w: w, m: m, x: x, xT: xT}
	if n := r.length(); n > 1 {
		var products []*Node
		for t := 1; t < n; t++ {
			products = append(products, Mul(steps(x, 0, t), steps(x, t, t+1)))
		}
		r.products = Concatenate(products, 2)
		r.pairs = Einsum("kbpi,kih->kbph", r.products, w)
	}
	if m != nil {
		r.carried = Einsum("kbti,kbih->kbth", x, Mul(InsertAxes(w, 1), m))
	}
	return r
}

// length returns C.
func (r reader) length() int { return r.x.Shape().Dimensions[2] }

// pair returns W (x_s o x_t), [K, B, 1, H].
func (r reader) pair(s, t int) *Node {
	from, _ := pairsOf(t)
	return steps(r.pairs, from+s, from+s+1)
}

// afterWrites returns M^T after the chunk, [K, B, I, H], given what is left there of the write of each step, [K, B, C,
// H], and of M before the chunk, a factor [K, B, 1, 1 or H].
func (r reader) afterWrites(kept, last *Node) *Node {
	m := Einsum("kbit,kbth->kbih", r.xT, kept)
	if r.m != nil {
		m = Add(m, Mul(last, r.m))
	}
	return m
}

// byProducts returns the gradient of W^T through the reads of pairs, [K, I, H], given that of their pairs.
func (r reader) byProducts(pairs *Node) *Node { return Einsum("kbpi,kbph->kih", r.products, pairs) }

// byInputs returns the gradient of x [K, B, C, I], given the gradients dy of the drive and carried of (W o M) x_t
// [K, B, C, H], pairs of W (x_s o x_t), nil if C is 1, and dAfter of M^T after the chunk, and what is left there of the
// write of each step, kept [K, B, C, H].
func (r reader) byInputs(dy, carried, pairs, kept, dAfter *Node) *Node {
	d := Add(
		Einsum("kbth,kbih->kbti", carried, Mul(InsertAxes(r.w, 1), r.m)),
		Einsum("kbth,kbih->kbti", kept, dAfter))
	d = Add(d, Einsum("kbth,kih->kbti", dy, r.w))
	n := r.length()
	if n == 1 {
		return d
	}
	products := Einsum("kbph,kih->kbpi", pairs, r.w) // dL/d(x_s o x_t)
	by := make([]*Node, n)
	for t := 1; t < n; t++ {
		from, _ := pairsOf(t)
		for s := range t {
			product := steps(products, from+s, from+s+1)
			by[s] = sum(by[s], Mul(product, steps(r.x, t, t+1)))
			by[t] = sum(by[t], Mul(product, steps(r.x, s, s+1)))
		}
	}
	return Add(d, Concatenate(by, 2))
}

// inputGradient holds the gradients of a chunk's inputs, with or without a gate.
type inputGradient struct {
	y *Node // [K, B, C, H]
	m *Node // [K, B, I, H]; nil if the chunk's m is nil
	w *Node // of W^T [K, I, H], without the drive's part; nil if the chunk neither wrote nor carried
}

// addCarried adds the gradient through (W o M) x_t, given the gradient of it, [K, B, C, H].
func (g *inputGradient) addCarried(r reader, carried *Node) {
	outer := Einsum("kbit,kbth->kbih", r.xT, carried) // of (W o M)^T
	g.m = Mul(InsertAxes(r.w, 1), outer)
	g.w = sum(g.w, overBatch(Mul(outer, r.m)))
}
