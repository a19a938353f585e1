package mpn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// recurrentLoop is a window of a recurrent cell whose steps are a loop in the graph. Its sequences have the step as
// their first axis.
type recurrentLoop struct {
	recurrence
	u      *Node   // [K, G*H, H]
	mask   *Node   // 1 at a valid step, [T, K, B, 1]
	start  []*Node // the parts of the state before the first step, [K, B, H] each
	states []*Node // the parts of the state after each step, [T, K, B, H] each
	kept   []*Node // what the gradient of each step reads, [T, K, B, ...] each
}

// loopRecurrent computes unrollRecurrent by a loop over the steps, whose gradient is derived by hand.
func loopRecurrent(params Nodes, x, valid, start *Node, r recurrence) Unrolled {
	wx := stepsFirst(drive(params, x))
	l := &recurrentLoop{recurrence: r, u: params.At("U"), mask: stepsFirst(InsertAxes(valid, -1))}
	l.start = startParts(x, start, l.u.Shape().Dimensions[2], r.parts)
	final, emitted := loop(false, l.start, []*Node{l.u}, elements(wx, IsPositive(l.mask)),
		func(before, constants, items []*Node) (next []*Node, emitted []strip) {
			after, kept := r.step(items[0], product(before[0], constants[0]), before)
			after = whereValid(items[1], after, before)
			return after, elements(append(after, kept...)...)
		})
	l.states, l.kept = emitted[:r.parts], emitted[r.parts:]
	inputs, outputs := append([]*Node{wx, l.u}, l.start...), append([]*Node{l.states[0]}, final...)
	outputs = differentiable(inputs, outputs, func(d []*Node) []*Node { return l.gradient(d[0], d[1:]) })
	h := Transpose(Transpose(outputs[0], 0, 1), 1, 2) // [K, B, T, H]
	return Unrolled{H: h, Final: Concatenate(outputs[1:], -1), Gradient: byAutodiff(params, h, "W", "U", "b")}
}

// stepsFirst returns n [K, B, T, ...] as [T, K, B, ...].
func stepsFirst(n *Node) *Node { return Transpose(Transpose(n, 1, 2), 0, 1) }

// product returns U h, [K, B, G*H].
func product(h, u *Node) *Node { return Einsum("kbh,kgh->kbg", h, u) }

// gradient returns the gradients of W x + b [T, K, B, G*H], of U and of the parts of start, given those of h after each
// step [T, K, B, H] and of the parts of the final state. That of U is one product after the loop.
func (l *recurrentLoop) gradient(dh *Node, dFinal []*Node) []*Node {
	befores := make([]*Node, l.parts)
	for i, after := range l.states {
		earlier := SliceAxis(after, 0, AxisRange(0, after.Shape().Dimensions[0]-1))
		befores[i] = Concatenate([]*Node{InsertAxes(l.start[i], 0), earlier}, 0)
	}
	sequences := append(append([]*Node{l.mask, dh}, befores...), l.kept...)
	dStart, by := loop(true, dFinal, []*Node{l.u}, elements(sequences...),
		func(dAfter, constants, items []*Node) (dBefore []*Node, emitted []strip) {
			mask, before, kept := items[0], items[2:][:l.parts], items[2+l.parts:]
			dAfter[0] = Add(dAfter[0], items[1])
			passed := make([]*Node, l.parts) // by a padded step
			for i, d := range dAfter {
				dAfter[i] = Mul(d, mask)
				passed[i] = Sub(d, dAfter[i])
			}
			dWx, dUh, dBefore := l.adjoint(before, kept, dAfter)
			dBefore[0] = sum(dBefore[0], Einsum("kbg,kgh->kbh", dUh, constants[0]))
			for i := range dBefore {
				dBefore[i] = Add(dBefore[i], passed[i])
			}
			if dWx == dUh {
				return dBefore, elements(dWx)
			}
			return dBefore, elements(dWx, dUh)
		})
	dU := Einsum("tkbg,tkbh->kgh", by[len(by)-1], befores[0])
	return append([]*Node{by[0], dU}, dStart...)
}
