package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gatedUnroll is a window of the gated cell, unrolled chunk by chunk.
type gatedUnroll struct {
	cell   MPN
	params Nodes
	x      *Node // [K, B, T, I]
	valid  *Node // [K, B, T, 1]
	logits *Node // z, [K, B, T, R]
	open   *Node // sigmoid(z), [K, B, T, R]
	chunks []*gatedChunk
}

func newGatedUnroll(c MPN, params Nodes, x, valid *Node) *gatedUnroll {
	z := c.Forget.logits(params, x)
	return &gatedUnroll{cell: c, params: params, x: x, valid: InsertAxes(valid, -1), logits: z, open: Sigmoid(z)}
}

// rates returns eta and lambda, each [K, 1, 1, 1].
func (u *gatedUnroll) rates() (eta, lambda *Node) {
	return InsertAxes(u.params.At("eta"), -1, -1, -1), InsertAxes(u.params.At("lambda"), -1, -1, -1)
}

// gatedChunk is a chunk of the gated cell. Step s writes u_s = eta h_s, or nothing where it is padded, and
//
//	M_{t+1} = l_t o M_t + u_t x_t^T    (l_t [R] is lambda_t, or 1 where step t is padded).
//
// No factor a_{s,t} is computed by itself, as in chunk, because a row gate has one for each unit. What is read of M is
// a sum nested over the steps, like a polynomial by Horner's rule.
type gatedChunk struct {
	reader
	forgetting
	hs     []*Node // h_t, each [K, B, 1, H]
	us     []*Node // u_t, each [K, B, 1, H]
	memory []*Node // what step t reads of M, each [K, B, 1, H]; nil if M is zero there
	left   []left  // what is left before step t, t = 0..C
}

// forgetting holds what a chunk's steps write and forget by.
type forgetting struct {
	eta   *Node   // [K, 1, 1, 1]
	decay []*Node // l_t, each [K, B, 1, R]
	valid []*Node // 1, or 0 where step t is padded, each [K, B, 1, 1]
}

// newForgetting returns that of a chunk, given eta and lambda [K, 1, 1, 1], open = sigmoid(z) [K, B, C, R] and valid
// [K, B, C, 1]. The decay is lambda sigmoid(z), and 1 at a padded step. It is divided by 1 because XLA's CPU backend
// computes a quotient once, and a product again for each of the many steps that read it.
func newForgetting(eta, lambda, open, valid *Node) forgetting {
	padded := oneMinus(valid)
	decay := Add(Mul(lambda, Mul(open, valid)), padded)
	return forgetting{eta: eta, decay: eachStep(Div(decay, Add(valid, padded))), valid: eachStep(valid)}
}

// left holds what is left at a step of all that came before it in its chunk.
type left struct {
	us []*Node // of each earlier u_s, each [K, B, 1, H]
	m  *Node   // the factor of M before the chunk, [K, B, 1, R]; nil means 1
}

// after returns what is left one step later, given the step's decay and what it writes.
func (l left) after(decay, u *Node) left {
	next := left{m: decay}
	if l.m != nil {
		next.m = Mul(l.m, decay)
	}
	for _, earlier := range l.us {
		next.us = append(next.us, Mul(earlier, decay))
	}
	next.us = append(next.us, u)
	return next
}

// unrollGated computes Unroll with a gate.
func (c MPN) unrollGated(params Nodes, x, valid, start *Node) Unrolled {
	u := newGatedUnroll(c, params, x, valid)
	eta, lambda := u.rates()
	h, final := c.divide(params, x, start, func(w, m, x, xT, y *Node, from, to int) (h, after *Node) {
		next := newGatedChunk(newReader(w, m, x, xT), y,
			newForgetting(eta, lambda, steps(u.open, from, to), steps(u.valid, from, to)))
		u.chunks = append(u.chunks, next)
		return Concatenate(next.hs, 2), next.after()
	})
	return Unrolled{H: h, Final: final, Gradient: u.gradient}
}

// newGatedChunk unrolls the steps of a chunk with drive y [K, B, C, H].
func newGatedChunk(r reader, y *Node, f forgetting) *gatedChunk {
	c := &gatedChunk{reader: r, forgetting: f, left: []left{{}}}
	for t, yt := range eachStep(y) {
		memory := c.read(t)
		c.add(Tanh(sum(yt, memory)), memory)
	}
	return c
}

// rememberedChunk returns a chunk of which h and memory [K, B, C, H] are known.
func rememberedChunk(r reader, h, memory *Node, f forgetting) *gatedChunk {
	c := &gatedChunk{reader: r, forgetting: f, left: []left{{}}}
	memories := eachStep(memory)
	for t, ht := range eachStep(h) {
		c.add(ht, memories[t])
	}
	return c
}

// add adds the next step.
func (c *gatedChunk) add(h, memory *Node) {
	t := len(c.hs)
	c.memory, c.hs, c.us = append(c.memory, memory), append(c.hs, h), append(c.us, Mul(c.rate(t), h))
	c.left = append(c.left, c.left[t].after(c.decay[t], c.us[t]))
}

// rate returns the factor of h_t in u_t, [K, B, 1, 1].
func (c *gatedChunk) rate(t int) *Node { return Mul(c.eta, c.valid[t]) }

// read returns what step t reads of M, [K, B, 1, H], or nil if M is zero there:
//
//	(...((W o M) x_t o l_0 + u_0 o p_0) o l_1 + ...) o l_{t-1} + u_{t-1} o p_{t-1},    p_s = W (x_s o x_t).
func (c *gatedChunk) read(t int) (memory *Node) {
	if c.m != nil {
		memory = steps(c.carried, t, t+1)
	}
	for s := range t {
		memory = sum(decayed(memory, c.decay[s]), Mul(c.us[s], c.pair(s, t)))
	}
	return memory
}

// byWrite returns the gradient of u_s through M, [K, B, 1, H], given those of y after s and left [K, B, 1, H], which is
// x_s times the gradient of M after the chunk; nil means zero. It is nested like read, from the chunk's end.
func (c *gatedChunk) byWrite(s int, left *Node, dys []*Node) *Node {
	for t := c.length() - 1; t > s; t-- {
		left = sum(decayed(left, c.decay[t]), Mul(c.pair(s, t), dys[t]))
	}
	return left
}

// kept returns what is left after the chunk of each u_s, [K, B, C, H].
func (c *gatedChunk) kept() *Node { return Concatenate(c.left[c.length()].us, 2) }

// last returns the factor by which M before the chunk remains after it, [K, B, 1, R].
func (c *gatedChunk) last() *Node { return c.left[c.length()].m }

// after returns M^T after the chunk, [K, B, I, H].
func (c *gatedChunk) after() *Node { return c.afterWrites(c.kept(), c.last()) }

// byReads returns the gradients of (W o M) x_t [K, B, C, H] and of the pairs W (x_s o x_t), nil if C is 1, given those
// of y.
func (c *gatedChunk) byReads(dys []*Node) (carried, pairs *Node) {
	byM, byPairs := []*Node{dys[0]}, []*Node(nil)
	for t := 1; t < c.length(); t++ {
		byM = append(byM, Mul(c.left[t].m, dys[t]))
		for _, u := range c.left[t].us {
			byPairs = append(byPairs, Mul(u, dys[t]))
		}
	}
	if len(byPairs) > 0 {
		pairs = Concatenate(byPairs, 2)
	}
	return Concatenate(byM, 2), pairs
}

// decayed returns a l, where nil means zero.
func decayed(a, l *Node) *Node {
	if a == nil {
		return nil
	}
	return Mul(a, l)
}

// eachStep returns the steps of n [K, B, C, ...], each [K, B, 1, ...].
func eachStep(n *Node) []*Node {
	each := make([]*Node, n.Shape().Dimensions[2])
	for t := range each {
		each[t] = steps(n, t, t+1)
	}
	return each
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
		w, eta, dAfter, later *Node
		dys, dLogs            = make([]*Node, len(u.chunks)), make([]*Node, len(u.chunks))
		to                    = dh.Shape().Dimensions[2]
	)
	for i := len(u.chunks) - 1; i >= 0; i-- {
		c := u.chunks[i]
		g := c.gradient(steps(dh, to-c.length(), to), dAfter, later)
		w, eta = sum(w, g.w), sum(eta, g.eta)
		dys[i], dLogs[i], dAfter, later, to = g.y, g.dLogs, g.m, g.later, to-c.length()
	}
	w, b := slowGradient(w, byDrive(withOne(u.x), Concatenate(dys, 2)))
	return u.parameters(w, b, ReduceSum(eta, 1), Concatenate(dLogs, 2))
}

// parameters returns the gradients of the parameters, given those of W, b and eta, in their shapes, and of log lambda_t
// of each unit, [K, B, T, H].
func (u *gatedUnroll) parameters(w, b, eta, dLog *Node) Nodes {
	lambda, dz := u.byGate(dLog)
	dF, df := slowGradient(nil, byDrive(withOne(u.x), MulScalar(dz, u.cell.Forget.Gain)))
	return Nodes{"W": w, "b": b, "eta": eta, "lambda": lambda, "forget_w": dF, "forget_b": df}
}

// byGate returns the gradients of lambda [K] and of z [K, B, T, R], given that of log lambda_t of each unit, [K, B, T,
// H].
func (u *gatedUnroll) byGate(dLog *Node) (lambda, dz *Node) {
	lambda = Div(ReduceSum(sumOfValid(u.valid, dLog), 1), u.params.At("lambda"))
	dLog = Mul(dLog, u.valid)
	if u.open.Shape().Dimensions[3] == 1 {
		dLog = ReduceAndKeep(dLog, ReduceSum, -1)
	}
	return lambda, Mul(dLog, OneMinus(u.open))
}

// sumOfValid returns the sum of n [K, B, T, H] over B and T where valid [K, B, T, 1] is 1, [K, H]. It is a product
// because XLA's CPU backend does not vectorise sums.
func sumOfValid(valid, n *Node) *Node { return Squeeze(Einsum("kbtr,kbth->krh", valid, n), 1) }

// gatedGradient holds the gradients of a chunk's inputs and parameters.
type gatedGradient struct {
	inputGradient
	eta   *Node // of eta before its sum over H, [K, H]
	dLogs *Node // dL/dlog lambda_t of each step and unit, [K, B, C, H]
	later *Node // sum of R - Q from this chunk on, [K, B, 1, H]
}

// gradient computes the adjoint of the chunk, given the gradients dh [K, B, C, H] of h, dAfter [K, B, I, H], or nil,
// of M^T after the chunk, and the sum later [K, B, 1, H], or nil, of R - Q over the chunks after it.
func (c *gatedChunk) gradient(dh, dAfter, later *Node) gatedGradient {
	var (
		n                = c.length()
		left             = make([]*Node, n) // x_s times the gradient of M after the chunk
		dys, dLogs, etas = make([]*Node, n), make([]*Node, n), make([]*Node, n)
		g                = gatedGradient{later: later}
	)
	if dAfter != nil {
		left = eachStep(Einsum("kbti,kbih->kbth", c.x, dAfter))
	}
	for s := n - 1; s >= 0; s-- {
		d, du := steps(dh, s, s+1), c.byWrite(s, left[s], dys)
		etas[s] = ZerosLike(d)
		if du != nil {
			d, etas[s] = Add(d, Mul(c.rate(s), du)), Mul(c.hs[s], du)
			g.later = sum(g.later, Neg(Mul(c.us[s], du)))
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
	g.eta = sumOfValid(Concatenate(c.valid, 2), Concatenate(etas, 2))
	carried, pairs := c.byReads(dys)
	if pairs != nil {
		g.w = c.byProducts(pairs)
	}
	if c.m != nil {
		g.addCarried(c.reader, carried)
		if dAfter != nil {
			g.m = Add(g.m, Mul(c.last(), dAfter))
		}
	}
	return g
}

// byInputs returns the gradient of x [K, B, C, I], without the gate's part, given those of y [K, B, C, H] and of M^T
// after the chunk.
func (c *gatedChunk) byInputs(dy, dAfter *Node) *Node {
	carried, pairs := c.byReads(eachStep(dy))
	return c.reader.byInputs(dy, carried, pairs, c.kept(), dAfter)
}
