package oracle

import (
	"math"
	"testing"
)

// One unit, one input: W = 2, b = 0.1, eta = 0.5, lambda = 0.8, from M = 0.3; x = 1, and padding.
func TestVariantByHand(t *testing.T) {
	const m = 0.3
	for _, c := range []struct {
		what    string
		v       Variant
		h, next float64 // of the first step
	}{
		{"hebbian", Variant{Post: true, Pre: true}, math.Tanh(0.1 + 2*(1+m)), 0.8*m + 0.5*math.Tanh(0.1+2*(1+m))},
		{"presynaptic", Variant{Pre: true}, math.Tanh(0.1 + 2*(1+m)), 0.8*m + 0.5},
		{"postsynaptic, additive", Variant{Post: true, Additive: true}, math.Tanh(0.1 + 2 + m),
			0.8*m + 0.5*math.Tanh(2.1+m)},
		{"bounded", Variant{Pre: true, Bound: 0.6}, math.Tanh(0.1 + 2*(1+m)), 0.6},
	} {
		c.v.W, c.v.B, c.v.Eta, c.v.Lambda = [][]float64{{2}}, []float64{0.1}, [][]float64{{0.5}}, [][]float64{{0.8}}
		h, after := c.v.Run([][]float64{{1}, {9}}, []bool{true, false}, [][]float64{{m}})
		near(t, c.what+": h", h[0][0], c.h)
		near(t, c.what+": M", after[0][0], c.next)
		if h[1] != nil {
			t.Errorf("%s: h of a padded step is %v", c.what, h[1])
		}
	}
	v := Variant{W: [][]float64{{2}}, B: []float64{0}, Eta: [][]float64{{0.5}}, Lambda: [][]float64{{0.8}}, Pre: true,
		Bound: 0.1}
	_, after := v.Run([][]float64{{-1}}, []bool{true}, [][]float64{{m}}) // 0.24 - 0.5
	near(t, "M below", after[0][0], -0.1)
}

// With every factor and one eta and lambda it is Cell.
func TestVariantIsCell(t *testing.T) {
	w, x, start := [][]float64{{0.5, -1}, {0.3, 0.7}}, [][]float64{{1, 2}, {3, 3}, {-1, 0.5}}, [][]float64{{0.1, 0.2},
		{-0.3, 0}}
	same := func(a float64) [][]float64 { return [][]float64{{a, a}, {a, a}} }
	b, valid := []float64{0.1, -0.2}, []bool{true, false, true}
	h, m := Variant{W: w, B: b, Eta: same(0.4), Lambda: same(0.9), Post: true, Pre: true}.Run(x, valid, start)
	wantH, wantM := Cell{W: w, B: b, Eta: 0.4, Lambda: 0.9}.Run(x, valid, start)
	for i := range 2 {
		near(t, "h", h[2][i], wantH[2][i])
		for j := range 2 {
			near(t, "M", m[i][j], wantM[i][j])
		}
	}
}
