package mpn

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Gate makes the decay of M depend on the cell's input, so that the cell can forget:
//
//	z_t = gain (F x_t + f)                          logits, [R]
//	lambda_t = lambda sigmoid(z_t)                  in the place of lambda in eq. 3
//
// R is 1 for the scalar gate, one for all of M, and H for the row gate, one for each hidden unit's row of M. Because
// x_t alone determines it, M keeps a closed form within a chunk. A step reads M before it forgets: a cell that drops M
// at the observation that asks for an answer still answers from the whole M.
//
// F is initially drawn from N(0, (Scale/Gain)^2) and f is Bias/Gain, so Gain changes the initial logits not at all, and
// multiplies how fast training moves them.
type Gate struct {
	Shape Shape   // ShapeScalar or ShapeRow; empty for no gate
	Bias  float64 // logit at x = 0 before training
	Scale float64 // deviation of the logit per unit of x before training
	Gain  float64 // above 0
}

// Startable reports whether float32 has f = Bias/Gain, and F as it is drawn from N(0, (Scale/Gain)^2).
func (g Gate) Startable() bool {
	const farthest = 10 // deviations; no draw is as far from 0
	return math.Abs(g.Bias)/g.Gain <= math.MaxFloat32 && farthest*g.Scale/g.Gain <= math.MaxFloat32
}

// rows returns R, the number of gates; 0 without a gate.
func (g Gate) rows(hidden int) int {
	switch g.Shape {
	case "":
		return 0
	case ShapeScalar:
		return 1
	case ShapeRow:
		return hidden
	}
	panic(fmt.Errorf("mpn: unknown shape of a gate %q", g.Shape))
}

// params returns F [R, I] and f [R], both trained, or nothing without a gate.
func (g Gate) params(hidden, input int) []Param {
	rows := g.rows(hidden)
	if rows == 0 {
		return nil
	}
	return []Param{
		{Name: "forget_w", Shape: []int{rows, input}, Init: Normal(g.Scale / g.Gain), Trainable: true},
		{Name: "forget_b", Shape: []int{rows}, Init: Constant(g.Bias / g.Gain), Trainable: true},
	}
}

// open returns sigmoid(z_t) of every step of x [K, B, T, I]: [K, B, T, R].
func (g Gate) open(params Nodes, x *Node) *Node { return Sigmoid(g.logits(params, x)) }

// logits returns z_t of every step of x [K, B, T, I]: [K, B, T, R].
func (g Gate) logits(params Nodes, x *Node) *Node {
	z := Add(Einsum("kbti,kri->kbtr", x, params.At("forget_w")), InsertAxes(params.At("forget_b"), 1, 1))
	return MulScalar(z, g.Gain)
}

// decays returns lambda_t of step t, [K, B or 1, H or 1, I or 1], given lambda in a shape that broadcasts over M.
func (g Gate) decays(params Nodes, x, lambda *Node) func(t int) *Node {
	if g.Shape == "" {
		return func(int) *Node { return lambda }
	}
	open := g.open(params, x)
	return func(t int) *Node {
		return Mul(lambda, InsertAxes(Squeeze(steps(open, t, t+1), 2), -1))
	}
}
