package drqn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// ActionValues returns the values of the actions taken, q_t(a_t) [K, B, T], given q [K, B, T, A] and actions [K, B,
// T].
func ActionValues(q, actions *Node) *Node {
	choice := OneHot(actions, q.Shape().Dimensions[3], q.DType())
	return ReduceSum(Mul(q, choice), -1)
}

// DoubleValues returns v_{t+1} = q'_{t+1}(argmax_a q_{t+1}(a)) [K, B, T], from which double DQN bootstraps (van
// Hasselt et al. 2016, eq. 4), given online and target values [K, B, T+1, A]. Of equal values the lowest action is
// taken.
func DoubleValues(q, qTarget *Node) *Node {
	return ActionValues(following(qTarget), ArgMax(following(q), -1))
}

// Targets returns n-step returns within the window [K, B, T],
//
//	y_t = r_t + gamma c_t (r_{t+1} + gamma c_{t+1} (... v_{t+m})),   m = min(n, T - t),
//
// given values v_{t+1}, rewards and continuation c [K, B, T], gamma [K, 1, 1] and n >= 1 (Sutton & Barto 2018, eq.
// 7.1). The last steps of the window bootstrap sooner because nothing is known after it. Where follow [K, B, T] (nil:
// everywhere) is 0 at step t, a return does not pass through the action taken there and bootstraps from v_t. No
// gradient flows through the result.
func Targets(values, rewards, continuation, gamma, follow *Node, n int) *Node {
	discount := Mul(gamma, continuation)
	last := values.Shape().Dimensions[2] - 1
	final := SliceAxis(values, 2, AxisElem(last))
	later := values // what is known at t+1
	for range min(n, last+1) - 1 {
		backup := SliceAxis(Add(rewards, Mul(discount, later)), 2, AxisRange(1)) // at t+1 = 1..T-1
		if follow != nil {
			backup = Where(IsPositive(SliceAxis(follow, 2, AxisRange(1))), backup,
				SliceAxis(values, 2, AxisRange(0, last)))
		}
		later = Concatenate([]*Node{backup, final}, 2)
	}
	return StopGradient(Add(rewards, Mul(discount, later)))
}

// Greedy returns 1 where the action taken [K, B, T] is the best one by q [K, B, T+1, A], the lowest of equal ones, and
// else 0. It marks the steps that a return of the greedy policy may follow (Watkins 1989; Sutton & Barto 2018, section
// 12.10).
func Greedy(q, actions *Node) *Node {
	return ConvertDType(Equal(ArgMax(preceding(q), -1), actions), q.DType())
}

// Shifted returns target values that are one step late, as a known flaw has them: q'_{t+1} instead of q'_t [K, B, T+1,
// A]; the last step keeps its own.
func Shifted(qTarget *Node) *Node {
	last := qTarget.Shape().Dimensions[2] - 1
	return Concatenate([]*Node{following(qTarget), SliceAxis(qTarget, 2, AxisElem(last))}, 2)
}

// WithoutFinal returns continuation [K, B, T] with 0 at the last step: the flaw of a window that never bootstraps at
// its end.
func WithoutFinal(continuation *Node) *Node {
	last := continuation.Shape().Dimensions[2] - 1
	return Concatenate([]*Node{SliceAxis(continuation, 2, AxisRange(0, last)),
		ZerosLike(SliceAxis(continuation, 2, AxisElem(last)))}, 2)
}

// rescaleEpsilon keeps Rescale invertible with a bounded slope (Pohlen et al. 2018, proposition A.2).
const rescaleEpsilon = 1e-3

// Rescale computes h(x) = sign(x) (sqrt(|x| + 1) - 1) + epsilon x (Pohlen et al. 2018; R2D2 section 2.3), elementwise.
func Rescale(x *Node) *Node {
	return Add(Mul(Sign(x), MinusOne(Sqrt(OnePlus(Abs(x))))), MulScalar(x, rescaleEpsilon))
}

// Unscale computes the inverse of Rescale, elementwise. In
//
//	sign(x) (w^2 - 1),   w = (sqrt(1 + 4 epsilon (|x| + 1 + epsilon)) - 1) / (2 epsilon)
//
// float32 would lose four digits to the two differences. With |x| instead of |x| + 1 + epsilon the root is 1 + 2
// epsilon at 0, and w - 1 = 2 |x| / (root + 1 + 2 epsilon), which needs neither.
func Unscale(x *Node) *Node {
	size := Abs(x)
	root := Sqrt(AddScalar(MulScalar(size, 4*rescaleEpsilon), (1+2*rescaleEpsilon)*(1+2*rescaleEpsilon)))
	above := Div(MulScalar(size, 2), AddScalar(root, 1+2*rescaleEpsilon)) // w - 1
	return Mul(Sign(x), Mul(above, AddScalar(above, 2)))
}

// following returns steps 1 to T of q [K, B, T+1, A].
func following(q *Node) *Node { return SliceAxis(q, 2, AxisRange(1)) }

// preceding returns steps 0 to T-1 of q [K, B, T+1, A].
func preceding(q *Node) *Node { return SliceAxis(q, 2, AxisRange(0, q.Shape().Dimensions[2]-1)) }

// Huber computes 0.5 d^2 where |d| <= 1 and |d| - 0.5 elsewhere (smooth L1), elementwise.
func Huber(d *Node) *Node {
	inner := MinScalar(Abs(d), 1)
	return Mul(inner, Sub(Abs(d), MulScalar(inner, 0.5)))
}

// MaskedMean returns sum(mask x) / sum(mask) over B and T, [K]; 0 where the mask is 0 everywhere.
func MaskedMean(x, mask *Node) *Node {
	return Div(ReduceSum(Mul(x, mask), 1, 2), MaxScalar(ReduceSum(mask, 1, 2), 1))
}
