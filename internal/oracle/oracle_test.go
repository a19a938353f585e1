package oracle

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// One unit, one input: W = 2, b = 0.1, eta = 0.5, lambda = 0.8, x = 1, (padding), -1.
//
//	h_0 = tanh(0.1 + 2*1*1) = tanh(2.1); M_0 = 0.5 tanh(2.1)
//	h_2 = tanh(0.1 + 2*(1 + M_0)*(-1));  M_2 = 0.8 M_0 - 0.5 h_2
func TestCellByHand(t *testing.T) {
	c := Cell{W: [][]float64{{2}}, B: []float64{0.1}, Eta: 0.5, Lambda: 0.8}
	h, m := c.Run([][]float64{{1}, {9}, {-1}}, []bool{true, false, true}, nil)
	m0 := 0.5 * math.Tanh(2.1)
	h2 := math.Tanh(0.1 - 2*(1+m0))
	near(t, "h_0", h[0][0], math.Tanh(2.1))
	near(t, "h_2", h[2][0], h2)
	near(t, "M", m[0][0], 0.8*m0-0.5*h2)
	_, m = c.Run([][]float64{{9}}, []bool{false}, [][]float64{{0.3}})
	near(t, "M after padding", m[0][0], 0.3)
}

// The online network prefers action 1 at t+1, the target network values it 4: y = 1 + 0.5*4 = 3.
func TestTargetByHand(t *testing.T) {
	r := Row{Q: [][]float64{{0, 0}, {1, 2}}, QTarget: [][]float64{nil, {9, 4}}, Actions: []int{0},
		Rewards:    []float64{1},
		Terminated: []bool{false}, Mask: []bool{true}}
	near(t, "target", r.Target(0, 0.5), 3)
	near(t, "loss", Loss([]Row{r}, func(r Row, i int) float64 { return r.Target(i, 0.5) }), 2.5) // |0-3| - 0.5
	r.Terminated[0] = true
	near(t, "terminated", r.Target(0, 0.5), 1)
	near(t, "loss inside", Huber(0.5), 0.125)
}

// A gradient of norm 5 clipped to 1 is scaled by 1/(5 + 1e-6); Adam's first step is the rate times the sign.
func TestOptimiserByHand(t *testing.T) {
	g := []float64{3, 4}
	near(t, "norm", Clip(g, 1), 5)
	near(t, "clipped", g[0], 3/(5+1e-6))
	p := []float64{1}
	(&Adam{}).Step(p, []float64{2}, 0.1)
	near(t, "step", p[0], 1-0.1*2/(2+1e-8))
	x := []float64{3}
	if d := Gradient(func() float64 { return x[0] * x[0] }, x)[0]; math.Abs(d-6) > 1e-8 || x[0] != 3 {
		t.Errorf("d x^2 at 3 = %v, x now %v", d, x[0])
	}
}
