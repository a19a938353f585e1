package mpn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// MPN is the multi-plasticity cell (eLife 83035, eqs. 2 and 3) with scalar eta and lambda.
// Its state is M, row-major [H, I].
type MPN struct {
	Input, Hidden int
	// Eta (any sign) and Lambda (0 to lambda_max) are the initial plasticity rate and decay; each is
	// trained where its flag says so.
	Eta, Lambda           float64
	TrainEta, TrainLambda bool
	// Chunk is the number of steps between two formations of M in Unroll; 0 means DefaultChunk.
	Chunk int
}

// DefaultChunk was the fastest chunk, or close to it, over T = 10..50 and H = 64..128 on XLA's CPU
// (go test -bench Chunk ./mpn). Pair products within a chunk grow with its square, the matrices M at chunk
// borders with the number of chunks.
const DefaultChunk = 6

// Name implements Cell.
func (MPN) Name() string { return "mpn" }

// Sizes implements Cell; the state is M, H*I floats.
func (c MPN) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, c.Hidden * c.Input }

// Params implements Cell: W [H, I], b [H], and the scalars eta and lambda. Trainable in all: H(I+1) + 2.
func (c MPN) Params() []Param {
	return append(slowWeights(c.Input, c.Hidden),
		Param{Name: "eta", Init: Constant(c.Eta), Trainable: c.TrainEta},
		Param{Name: "lambda", Init: Constant(c.Lambda), Trainable: c.TrainLambda, Projected: true},
	)
}

// Unroll implements Cell by the chunked form. Within a chunk M is kept factored, as the outer products
// written since the chunk began,
//
//	M_t = d_t M_0 + sum_s g_{t,s} x_s^T,   g_{t+1} = (keep_t g_t, write_t h_t),   d_{t+1} = keep_t d_t,
//
// where keep is lambda at a valid step and 1 at a padded one, write is eta at a valid step and 0 at a padded
// one. Reading it needs M itself only once a chunk, and pair products that do not depend on h:
//
//	(W o M_t) x_t = d_t (W o M_0) x_t + sum_s g_{t,s} o (W (x_s o x_t)).
//
// It equals the step-by-step form, UnrollSteps, to rounding.
func (c MPN) Unroll(params Nodes, x, valid, start *Node) (h, final *Node) {
	chunk := c.Chunk
	if chunk == 0 {
		chunk = DefaultChunk
	}
	var (
		steps  = x.Shape().Dimensions[2]
		eta    = InsertAxes(params.At("eta"), -1, -1)
		lambda = InsertAxes(params.At("lambda"), -1, -1)
		keep   = OnePlus(Mul(valid, MinusOne(lambda))) // [K, B, T]
		write  = Mul(valid, eta)                       // [K, B, T]
		y      = drive(params, x)
		m      = c.matrix(start)
		hs     []*Node
	)
	for from := 0; from < steps; from += chunk {
		part := func(n *Node) *Node { return SliceAxis(n, 2, AxisRange(from, min(from+chunk, steps))) }
		p := plasticChunk{w: params.At("W"), x: part(x), y: part(y), keep: part(keep), write: part(write), m: m}
		hs, m = append(hs, p.unroll()...), p.mAfter
	}
	return Concatenate(hs, 2), c.flat(m)
}

// plasticChunk is one chunk of C steps of the chunked form.
type plasticChunk struct {
	w           *Node // [K, H, I]
	x, y        *Node // [K, B, C, I] input, [K, B, C, H] drive b + W x
	keep, write *Node // [K, B, C]
	m           *Node // [K, B, H, I] before the chunk; nil where it is zero
	mAfter      *Node // [K, B, H, I] after the chunk, set by unroll
}

// unroll returns h of each step, [K, B, 1, H], and forms the matrix after the chunk.
func (p *plasticChunk) unroll() (hs []*Node) {
	var carried, d, g *Node // (W o M_0) x [K, B, C, H]; d_t [K, B, 1]; g_t [K, B, t, H]
	if p.m != nil {
		carried = Einsum("kbti,kbhi->kbth", p.x, Mul(InsertAxes(p.w, 1), p.m))
		d = OnesLike(at(p.keep, 0))
	}
	for t := range p.x.Shape().Dimensions[2] {
		y := at(p.y, t)
		if p.m != nil {
			y = Add(y, Mul(InsertAxes(d, -1), at(carried, t)))
			d = Mul(d, at(p.keep, t))
		}
		if t > 0 {
			y = Add(y, InsertAxes(ReduceSum(Mul(g, p.pairs(t)), 2), 2))
			g = Mul(g, InsertAxes(at(p.keep, t), -1))
		}
		h := Tanh(y)
		hs = append(hs, h)
		g = appendStep(g, Mul(InsertAxes(at(p.write, t), -1), h))
	}
	p.mAfter = Einsum("kbth,kbti->kbhi", g, p.x)
	if p.m != nil {
		p.mAfter = Add(p.mAfter, Mul(InsertAxes(d, -1), p.m))
	}
	return hs
}

// pairs returns W (x_s o x_t) for every s < t, [K, B, t, H].
func (p *plasticChunk) pairs(t int) *Node {
	products := Mul(SliceAxis(p.x, 2, AxisRange(0, t)), at(p.x, t))
	return Einsum("kbsi,khi->kbsh", products, p.w)
}

// at is step t of n [K, B, T, ...], with the time axis kept.
func at(n *Node, t int) *Node { return SliceAxis(n, 2, AxisElem(t)) }

// appendStep appends one step [K, B, 1, ...] to steps [K, B, t, ...]; nil steps are none.
func appendStep(steps, step *Node) *Node {
	if steps == nil {
		return step
	}
	return Concatenate([]*Node{steps, step}, 2)
}

// UnrollSteps is Unroll as the equations are written, one step and one M at a time. It is the slower
// reference that the chunked form is tested against.
func (c MPN) UnrollSteps(params Nodes, x, valid, start *Node) (h, final *Node) {
	var (
		dims   = x.Shape().Dimensions
		w, b   = InsertAxes(params.At("W"), 1), InsertAxes(params.At("b"), 1)
		eta    = InsertAxes(params.At("eta"), -1, -1, -1)
		lambda = InsertAxes(params.At("lambda"), -1, -1, -1)
		m      = c.matrix(start)
		hs     []*Node
	)
	if m == nil {
		m = Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], c.Hidden, c.Input))
	}
	for t := range dims[2] {
		xt := Squeeze(at(x, t), 2)
		ht := Tanh(Add(b, Einsum("kbhi,kbi->kbh", Mul(w, OnePlus(m)), xt)))
		next := Add(Mul(lambda, m), Mul(eta, Einsum("kbh,kbi->kbhi", ht, xt)))
		isValid := BroadcastToDims(IsPositive(InsertAxes(at(valid, t), -1)), m.Shape().Dimensions...)
		m = Where(isValid, next, m)
		hs = append(hs, InsertAxes(ht, 2))
	}
	return Concatenate(hs, 2), c.flat(m)
}

// matrix shapes a state [K, B, H*I] as M [K, B, H, I]; nil, which stands for zero, stays nil.
func (c MPN) matrix(state *Node) *Node {
	if state == nil {
		return nil
	}
	dims := state.Shape().Dimensions
	return Reshape(state, dims[0], dims[1], c.Hidden, c.Input)
}

// flat shapes M [K, B, H, I] as a state [K, B, H*I].
func (c MPN) flat(m *Node) *Node {
	dims := m.Shape().Dimensions
	return Reshape(m, dims[0], dims[1], c.Hidden*c.Input)
}
