package oracle

import (
	"math"
	"testing"
)

// gate returns a gate of one unit and one input.
func gate(w, u, b float64) Gate {
	return Gate{W: [][]float64{{w}}, U: [][]float64{{u}}, B: []float64{b}}
}

// x = 2, a padded 9, then -1, from h = 0.5: h_0 = tanh(0.1 + 3*2 + 4*0.5), h_2 = tanh(0.1 - 3 + 4 h_0).
func TestRNNByHand(t *testing.T) {
	h, state := Recurrence(RNN).Run([]Gate{gate(3, 4, 0.1)}, [][]float64{{2}, {9}, {-1}}, []bool{true, false, true},
		[]float64{0.5})
	near(t, "h_0", h[0][0], math.Tanh(8.1))
	near(t, "h_2", h[2][0], math.Tanh(-2.9+4*math.Tanh(8.1)))
	near(t, "state", state[0], h[2][0])
	if h[1] != nil {
		t.Errorf("h of a padded step is %v", h[1])
	}
}

// x = 2 from h = 0.5. The biases of r and z bring their sums to -log 3 and log 3: r = 1/4, z = 3/4. Then
// n = tanh(0.1 + 0.3*2 + 0.25*(0.8*0.5)) = tanh(0.8), h = 0.25 n + 0.75*0.5.
func TestGRUByHand(t *testing.T) {
	gates := []Gate{gate(1, 2, -math.Log(3)-3), gate(1, 4, math.Log(3)-4), gate(0.3, 0.8, 0.1)}
	near(t, "h", GRU(gates, []float64{2}, []float64{0.5})[0], 0.25*math.Tanh(0.8)+0.375)
}

// x = 2 from h = 0.5, c = 0.4. i = 1/4, f = 3/4, g = tanh(0.1 + 0.3*2 + 0.8*0.5) = tanh(1.1), o = 1/2:
// c = 0.75*0.4 + 0.25 g, h = 0.5 tanh(c).
func TestLSTMByHand(t *testing.T) {
	gates := []Gate{gate(1, 2, -math.Log(3)-3), gate(1, 4, math.Log(3)-4), gate(0.3, 0.8, 0.1), gate(1, 2, -3)}
	after := LSTM(gates, []float64{2}, []float64{0.5, 0.4})
	c := 0.3 + 0.25*math.Tanh(1.1)
	near(t, "c", after[1], c)
	near(t, "h", after[0], 0.5*math.Tanh(c))
}
