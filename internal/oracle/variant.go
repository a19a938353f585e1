package oracle

import "math"

// Variant holds the parameters of one MPN cell of any kind, with an eta and a lambda for each connection.
type Variant struct {
	W           [][]float64 // [H][I]
	B           []float64   // [H]
	Eta, Lambda [][]float64 // [H][I]
	Post, Pre   bool        // what is written into M_ij has the factor h_i, x_j
	Additive    bool        // M is added to W; else W o (1 + M)
	Bound       float64     // of |M_ij| after an update; 0 is no bound
	Forget      *Forget     // nil for no gate
	// Seen, where not nil, is called with each entry of each M before it is clipped.
	Seen func(m float64)
}

// Run unrolls the cell as Cell.Run does.
func (v Variant) Run(x [][]float64, valid []bool, start [][]float64) (h, m [][]float64) {
	h, m = make([][]float64, len(x)), make([][]float64, len(v.W))
	for i := range m {
		m[i] = append([]float64(nil), start[i]...)
	}
	for t := range x {
		if !valid[t] {
			continue
		}
		h[t] = make([]float64, len(v.W))
		for i := range v.W {
			h[t][i] = math.Tanh(v.read(i, x[t], m[i]))
		}
		for i := range m {
			for j := range m[i] {
				m[i][j] = v.write(i, j, v.Forget.Open(i, x[t])*m[i][j], h[t][i], x[t][j])
			}
		}
	}
	return h, m
}

// read returns what unit i reads of x, with its row of M.
func (v Variant) read(i int, x, m []float64) float64 {
	y := v.B[i]
	for j := range x {
		if v.Additive {
			y += (v.W[i][j] + m[j]) * x[j]
		} else {
			y += (v.W[i][j] + v.W[i][j]*m[j]) * x[j]
		}
	}
	return y
}

// write returns M_ij after an update.
func (v Variant) write(i, j int, m, h, x float64) float64 {
	written := v.Eta[i][j]
	if v.Post {
		written *= h
	}
	if v.Pre {
		written *= x
	}
	m = v.Lambda[i][j]*m + written
	if v.Seen != nil {
		v.Seen(m)
	}
	if v.Bound > 0 && m > v.Bound {
		return v.Bound
	}
	if v.Bound > 0 && m < -v.Bound {
		return -v.Bound
	}
	return m
}
