package oracle

import "math"

// Forget holds the parameters of a gate of M's decay, one for all of M or one for each row.
type Forget struct {
	F    [][]float64 // [R][I]
	B    []float64   // [R]
	Gain float64
}

// Open returns the factor of the decay of row i of M at input x; 1 without a gate.
func (g *Forget) Open(i int, x []float64) float64 {
	if g == nil {
		return 1
	}
	if len(g.F) == 1 {
		i = 0
	}
	z := g.B[i]
	for j := range x {
		z += g.F[i][j] * x[j]
	}
	return 1 / (1 + math.Exp(-g.Gain*z))
}
