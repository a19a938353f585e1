package drqn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// ActionValues are the values of the actions taken, q_t(a_t) [K, B, T]: of q [K, B, T, A] and actions
// [K, B, T].
func ActionValues(q, actions *Node) *Node {
	choice := OneHot(actions, q.Shape().Dimensions[3], q.DType())
	return ReduceSum(Mul(q, choice), -1)
}

// DoubleTargets are y_t = r_t + gamma c_t q'_{t+1}(argmax_a q_{t+1}(a)) [K, B, T], the double-DQN targets (van
// Hasselt et al. 2016, eq. 4): of online and target values [K, B, T+1, A], rewards and continuation c [K, B, T],
// gamma [K, 1, 1]. Of equal values the lowest action is taken. No gradient flows through them.
func DoubleTargets(q, qTarget, rewards, continuation, gamma *Node) *Node {
	best := ArgMax(following(q), -1)
	bootstrap := ActionValues(following(qTarget), best)
	return StopGradient(Add(rewards, Mul(Mul(gamma, continuation), bootstrap)))
}

// following is steps 1 to T of q [K, B, T+1, A].
func following(q *Node) *Node { return SliceAxis(q, 2, AxisRange(1)) }

// preceding is steps 0 to T-1 of q [K, B, T+1, A].
func preceding(q *Node) *Node { return SliceAxis(q, 2, AxisRange(0, q.Shape().Dimensions[2]-1)) }

// Huber is 0.5 d^2 where |d| <= 1 and |d| - 0.5 elsewhere (smooth L1), elementwise.
func Huber(d *Node) *Node {
	inner := MinScalar(Abs(d), 1)
	return Mul(inner, Sub(Abs(d), MulScalar(inner, 0.5)))
}

// MaskedMean is sum(mask x) / sum(mask) over B and T, [K]; 0 where the mask is 0 everywhere.
func MaskedMean(x, mask *Node) *Node {
	return Div(ReduceSum(Mul(x, mask), 1, 2), MaxScalar(ReduceSum(mask, 1, 2), 1))
}
