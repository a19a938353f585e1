package analysis

import "testing"

func TestPercentileByHand(t *testing.T) {
	for _, c := range []struct {
		sorted  []float64
		p, want float64
	}{
		{[]float64{5}, 0.3, 5},
		{[]float64{1, 2, 3, 4}, 0, 1},
		{[]float64{1, 2, 3, 4}, 1, 4},
		{[]float64{1, 2, 3, 4}, 0.25, 1.75}, // h = 3/4: 1 + 3/4 (2-1)
		{[]float64{1, 2, 4, 8}, 0.5, 3},     // h = 3/2: 2 + 1/2 (4-2)
		{[]float64{1, 2, 4, 8}, 0.9, 6.8},   // h = 2.7: 4 + 0.7 (8-4)
		{[]float64{0, 10, 20}, 0.5, 10},     // h = 1
	} {
		near(t, "percentile", percentile(c.sorted, c.p), c.want, 1e-14)
	}
}
