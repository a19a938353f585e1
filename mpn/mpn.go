package mpn

import (
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

// DefaultChunk was the fastest chunk, or within a tenth of it, over T = 11..51 and H = 64..128 on XLA's CPU
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

// Unroll implements Cell by the chunked form (see chunk), whose gradient is derived by hand. It equals the
// step-by-step form, UnrollSteps, to rounding.
func (c MPN) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	size := c.Chunk
	if size == 0 {
		size = DefaultChunk
	}
	var (
		count  = x.Shape().Dimensions[2]
		y      = drive(params, x)
		m      = c.matrix(start)
		chunks []*chunk
		hs     []*Node
	)
	for from := 0; from < count; from += size {
		part := func(n *Node) *Node { return steps(n, from, min(from+size, count)) }
		next := newChunk(params.At("W"), m, part(x), part(y), newDecays(part(valid), params.At("eta"), params.At("lambda")))
		chunks, hs, m = append(chunks, next), append(hs, next.h), next.after()
	}
	return Unrolled{
		H: Concatenate(hs, 2), Final: c.flat(m),
		Gradient: func(dh *Node) Nodes { return gradientOf(chunks, x, dh) },
	}
}

// gradientOf is the gradient of the parameters by that of h [K, B, T, H], chunk by chunk from the last.
func gradientOf(chunks []*chunk, x, dh *Node) Nodes {
	var (
		total  = Nodes{}
		dys    = make([]*Node, len(chunks))
		dAfter *Node
		to     = dh.Shape().Dimensions[2]
	)
	for i := len(chunks) - 1; i >= 0; i-- {
		c := chunks[i]
		g := c.gradient(steps(dh, to-c.steps, to), dAfter)
		eta, lambda := c.decays.gradient(g.decaysGradient)
		total.add("eta", eta)
		total.add("lambda", lambda)
		total.add("W", g.w)
		dys[i], dAfter, to = g.y, g.m, to-c.steps
	}
	dy := Concatenate(dys, 2)
	total.add("W", Einsum("kbth,kbti->khi", dy, x))
	total.add("b", ReduceSum(dy, 1, 2))
	return total
}

// UnrollSteps is Unroll as the equations are written, one step and one M at a time. It is the slower
// reference that the chunked form is tested against.
func (c MPN) UnrollSteps(params Nodes, x, valid, start *Node) (h, final *Node) {
	u := c.AsVariant().Unroll(params, x, valid, start)
	return u.H, u.Final
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
