package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// MPN is the multi-plasticity cell (eLife 83035, eqs. 2 and 3) with scalar eta and lambda.
// Its state is M, row-major [H, I].
type MPN struct {
	Input, Hidden int
	// Eta (any sign) and Lambda (0 to lambda_max) are the initial plasticity rate and decay. TrainEta and TrainLambda
	// select which of them are trained.
	Eta, Lambda           float64
	TrainEta, TrainLambda bool
	Forget                Gate // an input-dependent decay; the zero Gate means no gate
	// Chunk is the largest number of steps between two computations of M in Unroll; 0 means DefaultChunk.
	Chunk int
}

// DefaultChunk was the fastest chunk, or within 10 % of the fastest, over T = 11..51 and H = 64..128 on XLA's CPU
// (go test -bench Chunk ./mpn). The pair products within a chunk grow with the square of
// its length; the matrices M at the borders grow with the number of chunks.
const DefaultChunk = 9

// gatedChunkSteps is the chunk of a gated window that is unrolled. A row gate takes twice as many products of a pair of
// steps, so its best chunk is shorter (BenchmarkGated; docs/performance.md, "A gate").
const gatedChunkSteps = 5

// Chunks returns the number of chunks into which Unroll divides a window of that many steps if Chunk is 0 and there is
// no gate.
func Chunks(steps int) int { return ceil(steps, DefaultChunk) }

// Name implements Cell.
func (MPN) Name() string { return "mpn" }

// Sizes implements Cell; the state is M, H*I floats.
func (c MPN) Sizes() (input, hidden, state int) { return c.Input, c.Hidden, c.Hidden * c.Input }

// Params implements Cell: W [H, I], b [H], and the scalars eta and lambda. With a
// gate, F [R, I] and f [R] follow. At most H(I+1) + 2 + R(I+1) are trainable.
func (c MPN) Params() []Param {
	params := append(slowWeights(c.Input, c.Hidden),
		Param{Name: "eta", Init: Constant(c.Eta), Trainable: c.TrainEta},
		Param{Name: "lambda", Init: Constant(c.Lambda), Trainable: c.TrainLambda, Projected: true},
	)
	return append(params, c.Forget.params(c.Hidden, c.Input)...)
}

// Unroll implements Cell by the chunked form (see chunk), whose gradient is derived by hand. It equals the
// step-by-step form, UnrollSteps, to rounding.
func (c MPN) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	if isLooped(x, longestChunks) {
		return c.loop(params, x, valid, start)
	}
	if c.isGated() {
		return c.unrollGated(params, x, valid, start)
	}
	return c.unroll(params, x, valid, start)
}

func (c MPN) isGated() bool { return c.Forget.rows(c.Hidden) > 0 }

// unroll computes Unroll without a gate, chunk by chunk.
func (c MPN) unroll(params Nodes, x, valid, start *Node) Unrolled {
	var chunks []*chunk
	powers := func(n int) *Node { return powersOf(params.At("eta"), params.At("lambda"), n) }
	h, final := c.divide(params, x, start, func(w, m, x, xT, y *Node, from, to int) (h, after *Node) {
		next := newChunk(w, m, x, xT, y, newDecays(steps(valid, from, to), powers(to-from)))
		chunks = append(chunks, next)
		return next.h, next.after()
	})
	return Unrolled{H: h, Final: final, Gradient: func(dh *Node) Nodes {
		return gradientOf(chunks, x, dh, ZerosLike(params.At("eta")))
	}}
}

// divide unrolls the window x [K, B, T, I] chunk by chunk: unroll computes h of the steps [from, to) and M^T after
// them, given W^T, M^T before them, their x, x^T and drive. It returns h [K, B, T, H] and the state after the window.
func (c MPN) divide(params Nodes, x, start *Node,
	unroll func(w, m, x, xT, y *Node, from, to int) (h, after *Node)) (h, final *Node) {
	var (
		hs    []*Node
		count = x.Shape().Dimensions[2]
		y     = drive(params, x)
		w     = inputsFirst(params.At("W"))
		xT    = Transpose(x, 2, 3)
		m     = c.transposed(start)
	)
	parts := c.chunks(count)
	for i := range parts { // each of the same length, or one step shorter
		from, to := ceil(i*count, parts), ceil((i+1)*count, parts)
		h, m = unroll(w, m, steps(x, from, to), SliceAxis(xT, 3, AxisRange(from, to)), steps(y, from, to), from, to)
		hs = append(hs, h)
	}
	return Concatenate(hs, 2), c.flat(Transpose(m, 2, 3))
}

// chunks returns the number of chunks of a window.
func (c MPN) chunks(steps int) int {
	switch {
	case c.Chunk > 0:
		return ceil(steps, c.Chunk)
	case c.isGated() && steps <= longestChunks:
		return ceil(steps, gatedChunkSteps)
	}
	return Chunks(steps)
}

// inputsFirst returns W^T [K, I, H] of W [K, H, I]. It multiplies with the identity because XLA would fuse a transpose
// into each program that reads W^T, and that program would then read W across its rows.
func inputsFirst(w *Node) *Node {
	input := w.Shape().Dimensions[2]
	return Einsum("ij,khj->kih", DiagonalWithValue(Scalar(w.Graph(), w.DType(), 1), input), w)
}

// ceil returns a / b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }

// transposed returns M^T [K, B, I, H] of a state [K, B, H*I]. A nil state means zero and stays nil.
func (c MPN) transposed(state *Node) *Node {
	if state == nil {
		return nil
	}
	return Transpose(c.matrix(state), 2, 3)
}

// gradientOf returns the gradients of the parameters, given the gradient dh [K, B, T, H] of h and zero [K]. It goes
// from the last chunk to the first.
func gradientOf(chunks []*chunk, x, dh, zero *Node) Nodes {
	var (
		w, dAfter *Node // gradients of W^T, and of M^T after the chunk
		eta       = zero
		lambda    = zero
		dys       = make([]*Node, len(chunks))
		to        = dh.Shape().Dimensions[2]
	)
	for i := len(chunks) - 1; i >= 0; i-- {
		c := chunks[i]
		g := c.gradient(steps(dh, to-c.steps, to), dAfter)
		byEta, byLambda := g.rates.total(zero)
		w, eta, lambda = sum(w, g.w), Add(eta, byEta), Add(lambda, byLambda)
		dys[i], dAfter, to = g.y, g.m, to-c.steps
	}
	dw, db := slowGradient(w, byDrive(withOne(x), Concatenate(dys, 2)))
	return Nodes{"W": dw, "b": db, "eta": eta, "lambda": lambda}
}

// slowGradient returns the gradients of W [K, H, I] and b [K, H], given those of W^T [K, I, H], or nil, by all but the
// drive, and by the drive (see byDrive).
func slowGradient(w, driven *Node) (dw, db *Node) {
	input := driven.Shape().Dimensions[1] - 1
	w = sum(w, SliceAxis(driven, 1, AxisRange(0, input)))
	return Transpose(w, 1, 2), Squeeze(SliceAxis(driven, 1, AxisElem(input)), 1)
}

// byDrive returns the gradient of W^T through the drive, and of b in the last row, [K, I+1, H], given x with ones and
// the gradient dy [K, B, T, H] of y.
func byDrive(withOnes, dy *Node) *Node { return Einsum("kbti,kbth->kih", withOnes, dy) }

// withOne returns x [K, B, T, I+1], with a 1 appended to each step's input, so that b is one more column of W.
func withOne(x *Node) *Node {
	return Concatenate([]*Node{x, onesLike(SliceAxis(x, 3, AxisRange(0, 1)))}, 3)
}

// UnrollSteps computes Unroll as the equations are written, one step and one M at a time. It is slower, and the
// reference for the tests of the chunked form.
func (c MPN) UnrollSteps(params Nodes, x, valid, start *Node) (h, final *Node) {
	u := c.AsVariant().Unroll(params, x, valid, start)
	return u.H, u.Final
}

// matrix reshapes a state [K, B, H*I] to M [K, B, H, I]. A nil state means zero and stays nil.
func (c MPN) matrix(state *Node) *Node {
	if state == nil {
		return nil
	}
	dims := state.Shape().Dimensions
	return Reshape(state, dims[0], dims[1], c.Hidden, c.Input)
}

// flat reshapes M [K, B, H, I] to a state [K, B, H*I].
func (c MPN) flat(m *Node) *Node {
	dims := m.Shape().Dimensions
	return Reshape(m, dims[0], dims[1], c.Hidden*c.Input)
}
