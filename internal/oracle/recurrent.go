package oracle

import "math"

// Gate holds the parameters of one gate of an ordinary recurrent cell. With the gates in the order below, and
// bias_hh = 0, the steps are those of PyTorch's RNNCell, GRUCell and LSTMCell (compared once, to 1e-15).
type Gate struct {
	W [][]float64 // [H][I]
	U [][]float64 // [H][H]
	B []float64   // [H]
}

// at returns W x + U h + b of unit i.
func (g Gate) at(i int, x, h []float64) float64 {
	y := g.B[i]
	for j := range x {
		y += g.W[i][j] * x[j]
	}
	for j := range h {
		y += g.U[i][j] * h[j]
	}
	return y
}

// Recurrence is one step: from the state before x to the one after it, whose first H numbers are h.
type Recurrence func(gates []Gate, x, state []float64) (after []float64)

// RNN steps a cell with one gate, whose state is h.
func RNN(gates []Gate, x, h []float64) []float64 {
	after := make([]float64, len(h))
	for i := range after {
		after[i] = math.Tanh(gates[0].at(i, x, h))
	}
	return after
}

// GRU steps a cell with the gates r, z and n, where n reads r o (U h); its state is h.
func GRU(gates []Gate, x, h []float64) []float64 {
	after := make([]float64, len(h))
	for i := range after {
		r, z := sigmoid(gates[0].at(i, x, h)), sigmoid(gates[1].at(i, x, h))
		byX := gates[2].at(i, x, nil)
		byH := gates[2].at(i, nil, h) - gates[2].B[i]
		after[i] = (1-z)*math.Tanh(byX+r*byH) + z*h[i]
	}
	return after
}

// LSTM steps a cell with the gates i, f, g and o, whose state is h and then c.
func LSTM(gates []Gate, x, state []float64) []float64 {
	n := len(state) / 2
	h, c := state[:n], state[n:]
	after := make([]float64, 2*n)
	for j := range n {
		input, forget := sigmoid(gates[0].at(j, x, h)), sigmoid(gates[1].at(j, x, h))
		write, output := math.Tanh(gates[2].at(j, x, h)), sigmoid(gates[3].at(j, x, h))
		after[n+j] = forget*c[j] + input*write
		after[j] = output * math.Tanh(after[n+j])
	}
	return after
}

// Run unrolls the step over x [T][I] from start [S]. It returns h [T][H], of padded steps nil, and the state after
// the last step. A padded step leaves the state as it is.
func (r Recurrence) Run(gates []Gate, x [][]float64, valid []bool, start []float64) (h [][]float64, state []float64) {
	h, state = make([][]float64, len(x)), start
	for t := range x {
		if valid[t] {
			state = r(gates, x[t], state)
			h[t] = state[:len(gates[0].B)]
		}
	}
	return h, state
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
