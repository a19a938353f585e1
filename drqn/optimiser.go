package drqn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Adam's constants (Kingma & Ba 2015, section 2).
const (
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-8
)

// GlobalNorm returns the Euclidean norm of each member's gradient [K, P], as [K, 1].
func GlobalNorm(gradient *Node) *Node {
	return Sqrt(ReduceAndKeep(Square(gradient), ReduceSum, 1))
}

// ClipByNorm scales a gradient [K, P] of norm [K, 1] down to the norm limit (Pascanu et al. 2013), as PyTorch's
// clip_grad_norm_ does.
func ClipByNorm(gradient, norm, limit *Node) *Node {
	return Mul(gradient, MinScalar(Div(limit, AddScalar(norm, 1e-6)), 1))
}

// Moments are Adam's running means of the gradient and of its square, each [K, P].
type Moments struct{ First, Second *Node }

// Update returns the moments with a gradient [K, P] added.
func (m Moments) Update(gradient *Node) Moments {
	return Moments{
		First:  Add(MulScalar(m.First, adamBeta1), MulScalar(gradient, 1-adamBeta1)),
		Second: Add(MulScalar(m.Second, adamBeta2), MulScalar(Square(gradient), 1-adamBeta2)),
	}
}

// Step returns Adam's step [K, P], to be subtracted; correction1 and correction2, [K, 1], are 1 - beta^t of update t,
// counted from 1.
func (m Moments) Step(rate, correction1, correction2 *Node) *Node {
	return Mul(rate, Div(Div(m.First, correction1), AddScalar(Sqrt(Div(m.Second, correction2)), adamEpsilon)))
}

// Mix moves the target network [K, P] by a share [K, 1] towards the online one: 1 copies it, 0 leaves it.
func Mix(target, online, share *Node) *Node {
	return Add(Mul(OneMinus(share), target), Mul(share, online))
}

// ProjectBounded projects the numbers that bounded [1, P] marks with 1 to [0, limit], limit [K, 1].
func ProjectBounded(params, bounded, limit *Node) *Node {
	dims := params.Shape().Dimensions
	clipped := Min(MaxScalar(params, 0), BroadcastToDims(limit, dims...))
	return Where(BroadcastToDims(IsPositive(bounded), dims...), clipped, params)
}
