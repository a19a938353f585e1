package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gatedUnroll is a window of the gated cell, unrolled chunk by chunk.
type gatedUnroll struct {
	cell   MPN
	params Nodes
	x      *Node // [K, B, T, I]
	valid  *Node // [K, B, T]
	logits *Node // z, [K, B, T, R]
	open   *Node // sigmoid(z), [K, B, T, R]
	chunks []*gatedChunk
}

func newGatedUnroll(c MPN, params Nodes, x, valid *Node) *gatedUnroll {
	z := c.Forget.logits(params, x)
	return &gatedUnroll{cell: c, params: params, x: x, valid: valid, logits: z, open: Sigmoid(z)}
}

// gatedChunk is a chunk of the gated cell. Its factors a do not include eta: step s writes u_s = eta h_s.
type gatedChunk struct {
	*chunk
	eta    *Node   // [K, 1, 1, 1]
	us     []*Node // u_t, each [K, B, 1, H]
	memory []*Node // what step t reads of M, each [K, B, 1, H]; nil if M is zero there
}

// unrollGated computes Unroll with a gate.
func (c MPN) unrollGated(params Nodes, x, valid, start *Node) Unrolled {
	u := newGatedUnroll(c, params, x, valid)
	decay := u.decay()
	eta := InsertAxes(params.At("eta"), -1, -1, -1)
	chunks, final := c.divide(params, x, start, func(w, m, x, xT, y *Node, from, to int) *chunk {
		next := newGatedChunk(prepare(w, m, x, xT, productsOf(steps(decay, from, to),
			InsertAxes(steps(valid, from, to), -1))), y, eta)
		u.chunks = append(u.chunks, next)
		return next.chunk
	})
	return c.unrolled(chunks, final, u.gradient)
}

// newGatedChunk unrolls the steps of a prepared chunk with drive y [K, B, C, H].
func newGatedChunk(prepared *chunk, y, eta *Node) *gatedChunk {
	c := &gatedChunk{chunk: prepared, eta: eta}
	for t := range c.steps {
		var memory *Node
		if c.m != nil {
			memory = Mul(steps(c.d, t, t+1), steps(c.carried, t, t+1))
		}
		for s := range t {
			memory = sum(memory, Mul(c.read(s, t), c.us[s]))
		}
		h := Tanh(sum(steps(y, t, t+1), memory))
		c.memory, c.hs, c.us = append(c.memory, memory), append(c.hs, h), append(c.us, Mul(eta, h))
	}
	c.h, c.u = Concatenate(c.hs, 2), Concatenate(c.us, 2)
	return c
}

// decay returns the factor of M at each step, [K, B, T, R]: lambda sigmoid(z) at a valid step, and 1 at a padded one.
func (u *gatedUnroll) decay() *Node {
	factor := Mul(InsertAxes(u.params.At("lambda"), -1, -1, -1), u.open)
	isValid := BroadcastToDims(IsPositive(InsertAxes(u.valid, -1)), factor.Shape().Dimensions...)
	return Where(isValid, factor, OnesLike(factor))
}

// productsOf computes the factors of a chunk from the decay of each step [K, B, C, R] and valid [K, B, C, 1]:
//
//	a_{s,t} = v_s prod_{s<r<t} decay_r,    d_t = prod_{r<t} decay_r.
//
// Only products are taken, so a decay of 0 is exact.
func productsOf(decay, valid *Node) decays {
	var (
		n      = decay.Shape().Dimensions[2]
		writes = Mul(valid, onesLike(decay)) // [K, B, C, R]
		row    = steps(writes, 0, 1)         // a_{s,t} of the pairs with t
		a      = []*Node{row}
		d      = []*Node{onesLike(row)}
	)
	for t := 1; t <= n; t++ {
		last := steps(decay, t-1, t)
		d = append(d, Mul(d[t-1], last))
		if t > 1 {
			row = Concatenate([]*Node{Mul(row, last), steps(writes, t-1, t)}, 2)
			a = append(a, row)
		}
	}
	return decays{steps: n, a: Concatenate(a, 2), d: Concatenate(d, 2)}
}

// gradient returns the gradients of the parameters, given the gradient dh [K, B, T, H] of h. It goes from the last
// chunk to the first.
//
// Let R_t = dy_t o (what step t reads of M) and Q_s = u_s o (the gradient of u_s), where u_s = eta h_s is what step s
// writes. A decay of step r scales all that is read after r except what is written at r or later, so
//
//	dL/dlog lambda_r = sum_{t>r} R_t - sum_{s>=r} Q_s
//
// for each hidden unit; a scalar gate sums over them. The chunks accumulate it from the window's end. lambda must not
// be 0, by which its own gradient divides.
func (u *gatedUnroll) gradient(dh *Node) Nodes {
	var (
		w, dAfter, later *Node
		eta              = ZerosLike(u.params.At("eta"))
		dys, dLogs       = make([]*Node, len(u.chunks)), make([]*Node, len(u.chunks))
		to               = dh.Shape().Dimensions[2]
	)
	for i := len(u.chunks) - 1; i >= 0; i-- {
		c := u.chunks[i]
		g := c.gradient(steps(dh, to-c.steps, to), dAfter, later)
		w, eta = sum(w, g.w), Add(eta, ReduceSum(g.eta, 1, 2, 3))
		dys[i], dLogs[i], dAfter, later, to = g.y, g.dLogs, g.m, g.later, to-c.steps
	}
	return u.parameters(w, eta, Concatenate(dys, 2), Concatenate(dLogs, 2))
}

// parameters returns the gradients of the parameters, given those of W^T [K, I, H] without the drive's part, of eta
// [K], of y and of log lambda_t of each unit, [K, B, T, H] both.
func (u *gatedUnroll) parameters(w, eta, dy, dLog *Node) Nodes {
	withOnes := withOne(u.x)
	w, b := slowGradient(withOnes, w, dy)
	lambda, dz := u.byGate(dLog)
	forget := Einsum("kbtr,kbti->kri", MulScalar(dz, u.cell.Forget.Gain), withOnes)
	input := u.x.Shape().Dimensions[3]
	return Nodes{
		"W": w, "b": b, "eta": eta, "lambda": lambda,
		"forget_w": SliceAxis(forget, 2, AxisRange(0, input)),
		"forget_b": Squeeze(SliceAxis(forget, 2, AxisElem(input)), 2),
	}
}

// byGate returns the gradients of lambda [K] and of z [K, B, T, R], given that of log lambda_t of each unit, [K, B, T,
// H].
func (u *gatedUnroll) byGate(dLog *Node) (lambda, dz *Node) {
	dLog = Mul(dLog, InsertAxes(u.valid, -1))
	lambda = Div(ReduceSum(dLog, 1, 2, 3), u.params.At("lambda"))
	if u.open.Shape().Dimensions[3] == 1 {
		dLog = ReduceAndKeep(dLog, ReduceSum, -1)
	}
	return lambda, Mul(dLog, OneMinus(u.open))
}

// gatedGradient holds the gradients of a chunk's inputs and parameters.
type gatedGradient struct {
	inputGradient
	eta   *Node // of eta before its sum over all but K, [K, B, C, H]
	dLogs *Node // dL/dlog lambda_t of each step and unit, [K, B, C, H]
	later *Node // sum of R - Q from this chunk on, [K, B, 1, H]
}

// gradient computes the adjoint of the chunk, given the gradients dh [K, B, C, H] of h, dAfter [K, B, I, H], or nil,
// of M^T after the chunk, and the sum later [K, B, 1, H], or nil, of R - Q over the chunks after it.
func (c *gatedChunk) gradient(dh, dAfter, later *Node) gatedGradient {
	var left *Node // the part of the gradient of u_s through M after the chunk, [K, B, C, H]
	if dAfter != nil {
		left = Mul(c.kept(), Einsum("kbti,kbih->kbth", c.x, dAfter))
	}
	var (
		dys, dus, dLogs = make([]*Node, c.steps), make([]*Node, c.steps), make([]*Node, c.steps)
		g               = gatedGradient{later: later}
	)
	for s := c.steps - 1; s >= 0; s-- {
		var du *Node
		if left != nil {
			du = steps(left, s, s+1)
		}
		for t := s + 1; t < c.steps; t++ {
			du = sum(du, Mul(c.read(s, t), dys[t]))
		}
		d := steps(dh, s, s+1)
		if du != nil {
			d = Add(d, Mul(c.eta, du))
			g.later = sum(g.later, Neg(Mul(c.us[s], du)))
			dus[s] = du
		} else {
			dus[s] = ZerosLike(d)
		}
		dys[s] = Mul(d, oneMinus(Square(c.hs[s])))
		if dLogs[s] = g.later; dLogs[s] == nil {
			dLogs[s] = ZerosLike(d)
		}
		if c.memory[s] != nil {
			g.later = sum(g.later, Mul(dys[s], c.memory[s]))
		}
	}
	g.y, g.dLogs = Concatenate(dys, 2), Concatenate(dLogs, 2)
	g.eta = Mul(c.h, Concatenate(dus, 2))
	if c.steps > 1 {
		g.w, _ = c.byPairs(dys)
	}
	if c.m != nil {
		outer := c.outer(g.y)
		g.m, g.w = Mul(InsertAxes(c.w, 1), outer), sum(g.w, overBatch(Mul(outer, c.m)))
		if dAfter != nil {
			g.m = Add(g.m, Mul(c.last(), dAfter))
		}
	}
	return g
}
