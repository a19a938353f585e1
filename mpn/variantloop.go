package mpn

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// variantLoop is a window of a Variant whose steps are a loop in the graph. Its sequences have the step as their first
// axis. The gradient keeps M before each step.
type variantLoop struct {
	Variant
	constants []*Node // W, eta and lambda, [K, 1, H, I]; of the last two each of the last two axes may be 1
	x, mask   *Node   // [T, K, B, I]; 1 at a valid step, [T, K, B, 1, 1]
	open      *Node   // sigmoid(z_t) of the gates, [T, K, B, R, 1]; 1 without a gate
}

// loop computes Unroll by a loop over the steps, whose gradient is derived by hand.
func (c Variant) loop(params Nodes, x, valid, start *Node) Unrolled {
	l := &variantLoop{Variant: c, x: stepsFirst(x), mask: stepsFirst(InsertAxes(valid, -1, -1)),
		constants: []*Node{InsertAxes(params.At("W"), 1), c.EtaShape.overM(params.At("eta")),
			c.LambdaShape.overM(params.At("lambda"))}}
	l.open = OnesLike(l.mask)
	if c.Plain.isGated() {
		l.open = stepsFirst(InsertAxes(c.Plain.Forget.open(params, x), -1))
	}
	y, before := stepsFirst(drive(params, x)), c.matrixOrZero(x, start)
	final, emitted := loop(false, []*Node{before}, l.constants, elements(l.x, l.mask, l.open, y, IsPositive(l.mask)),
		func(carry, constants, items []*Node) (next []*Node, emitted []strip) {
			m, y, valid := carry[0], items[3], items[4]
			h := Tanh(Add(y, Einsum("kbhi,kbi->kbh", l.Form.modulation(constants[0], m), items[0])))
			after := l.clipped(l.stepOf(constants, items, h, m).next())
			return []*Node{Where(over(m, valid), after, m)}, elements(h, m)
		})
	h, m := emitted[0], emitted[1]
	inputs := append([]*Node{y, l.x, l.open, before}, l.constants...)
	outputs := differentiable(inputs, []*Node{h, final[0]}, func(d []*Node) []*Node {
		return l.gradient(h, m, d[0], d[1])
	})
	unrolled := Unrolled{H: Transpose(Transpose(outputs[0], 0, 1), 1, 2), Final: c.Plain.flat(outputs[1])}
	unrolled.Gradient = byAutodiff(params, unrolled.H, namesOf(c)...)
	return unrolled
}

// modulation returns what M [K, B, H, I] adds to W.
func (f Form) modulation(w, m *Node) *Node {
	if f.isAdditive() {
		return m
	}
	return Mul(w, m)
}

// variantStep is a step whose h is known.
type variantStep struct {
	*variantLoop
	w, eta, lambda *Node // [K, B, H, I]
	x, h, m        *Node // [K, B, I], [K, B, H]; M before the step, [K, B, H, I]
	open, mask     *Node // [K, B, H, I]
}

// stepOf returns a step, given the constants and the sequences' items.
func (l *variantLoop) stepOf(constants, items []*Node, h, m *Node) variantStep {
	return variantStep{l, over(m, constants[0]), over(m, constants[1]), over(m, constants[2]), items[0], h, m,
		over(m, items[2]), over(m, items[1])}
}

// next returns M after the step, before it is clipped.
func (s variantStep) next() *Node {
	return Add(Mul(Mul(s.lambda, s.open), s.m), Mul(s.eta, s.written()))
}

// written returns what the step writes into M, before the factor eta.
func (s variantStep) written() *Node { return outer(s.factors()) }

// factors returns the factors [K, B, H] and [K, B, I] of the write.
func (s variantStep) factors() (post, pre *Node) {
	post, pre = s.h, s.x
	byH, byX := s.Plasticity.factors()
	if !byH {
		post = onesLike(post)
	}
	if !byX {
		pre = onesLike(pre)
	}
	return post, pre
}

// gradient returns the gradients of y, x, open, M before the window, W, eta and lambda, given h [T, K, B, H] and M
// before each step [T, K, B, H, I], and the gradients dh of h and dFinal of M after the window.
func (l *variantLoop) gradient(h, m, dh, dFinal *Node) []*Node {
	zero := ZerosLike(dFinal) // sums over the batch are taken after the loop
	final, by := loop(true, []*Node{dFinal, zero, zero, zero}, l.constants,
		elements(l.x, l.mask, l.open, h, m, dh),
		func(carry, constants, items []*Node) (next []*Node, emitted []strip) {
			s := l.stepOf(constants, items, items[3], items[4])
			dAfter := Mul(carry[0], s.mask)
			dNext := l.within(s.next(), dAfter)
			dy, dx := s.byVectors(items[5], Mul(s.eta, dNext))
			dRead := outer(dy, s.x) // of W + M, or of W (1 + M)
			dm, dw := dRead, carry[1]
			if !l.Form.isAdditive() {
				dm, dw = Mul(s.w, dRead), Add(dw, Mul(s.m, dRead))
			}
			dm = Add(Add(dm, Mul(Mul(s.lambda, s.open), dNext)), Sub(carry[0], dAfter))
			dDecay := Mul(dNext, s.m)
			return []*Node{dm, dw, Add(carry[2], Mul(dNext, s.written())), Add(carry[3], Mul(dDecay, s.open))},
				elements(dy, dx, Einsum("kbhi,kbhi->kbh", dDecay, s.lambda))
		})
	dOpen := InsertAxes(by[2], -1)
	if l.open.Shape().Dimensions[3] == 1 {
		dOpen = ReduceAndKeep(dOpen, ReduceSum, 3)
	}
	d := []*Node{by[0], by[1], dOpen, final[0]}
	for i, constant := range l.constants {
		d = append(d, reducedTo(constant, final[1+i]))
	}
	return d
}

// byVectors returns the gradients of the drive y and of x, without the drive's part, given those of h and of the write.
func (s variantStep) byVectors(dh, dWritten *Node) (dy, dx *Node) {
	post, pre := s.factors()
	byH, byX := s.Plasticity.factors()
	if byH {
		dh = Add(dh, Einsum("kbhi,kbi->kbh", dWritten, pre))
	}
	dy = Mul(dh, oneMinus(Square(s.h)))
	dx = Einsum("kbhi,kbh->kbi", s.Form.modulation(s.w, s.m), dy)
	if byX {
		dx = Add(dx, Einsum("kbhi,kbh->kbi", dWritten, post))
	}
	return dy, dx
}

// clipped returns m clipped to the bounds, also within a loop.
func (c Variant) clipped(m *Node) *Node {
	if c.Bound == 0 {
		return m
	}
	bound := c.boundLike(m)
	return Min(Max(m, Neg(bound)), bound)
}

// within returns the gradient d of clipped where m is within the bounds, else 0.
func (c Variant) within(m, d *Node) *Node {
	if c.Bound == 0 {
		return d
	}
	bound := c.boundLike(m)
	return Where(And(GreaterOrEqual(m, Neg(bound)), LessThan(m, bound)), d, Sub(d, d))
}

// boundLike returns the bound in the shape and type of m, also within a loop.
func (c Variant) boundLike(m *Node) *Node {
	if m.DType() == dtypes.Float64 {
		return over(m, Const(m.Graph(), c.Bound))
	}
	return over(m, Const(m.Graph(), float32(c.Bound)))
}

// outer returns the products [K, B, H, I] of h [K, B, H] and x [K, B, I].
func outer(h, x *Node) *Node { return Einsum("kbh,kbi->kbhi", h, x) }

// over returns n in the shape of m.
func over(m, n *Node) *Node { return BroadcastToDims(n, m.Shape().Dimensions...) }

// reducedTo returns the sums of n over the axes that are 1 in like.
func reducedTo(like, n *Node) *Node {
	for axis, size := range like.Shape().Dimensions {
		if size == 1 {
			n = ReduceAndKeep(n, ReduceSum, axis)
		}
	}
	return n
}
