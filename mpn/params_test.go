package mpn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestParams holds what is said of each parameter: which count for the L1 penalty, which are projected, and the
// distribution of the initial values.
func TestParams(t *testing.T) {
	const input, hidden = 30, 50
	xavier := math.Sqrt(6.0 / (input + hidden))
	recurrent := 1 / math.Sqrt(hidden)
	gate := Gate{Shape: ShapeRow, Bias: 2, Scale: 3, Gain: 5}
	type want struct {
		weight, projected bool
		mean, deviation   float64
	}
	uniform := func(limit float64) float64 { return limit / math.Sqrt(3) }
	for _, c := range []struct {
		cell Cell
		want map[string]want
	}{
		{MPN{Input: input, Hidden: hidden, Eta: 0.5, Lambda: 0.9, Forget: gate}, map[string]want{
			"W": {weight: true, deviation: uniform(xavier)}, "b": {}, "eta": {mean: 0.5},
			"lambda": {projected: true, mean: 0.9}, "forget_w": {deviation: 3.0 / 5}, "forget_b": {mean: 2.0 / 5}}},
		{Frozen{Input: input, Hidden: hidden}, map[string]want{"W": {weight: true, deviation: uniform(xavier)},
			"b": {}}},
		{GRU{Input: input, Hidden: hidden}, map[string]want{"W": {weight: true, deviation: uniform(xavier)},
			"U": {weight: true, deviation: uniform(recurrent)}, "b": {}}},
	} {
		if params := c.cell.Params(); len(params) != len(c.want) {
			t.Errorf("%s has %d parameters, want %d", c.cell.Name(), len(params), len(c.want))
		}
		for _, p := range c.cell.Params() {
			t.Run(c.cell.Name()+" "+p.Name, func(t *testing.T) {
				want := c.want[p.Name]
				if p.Weight != want.weight || p.Projected != want.projected {
					t.Errorf("weight %t, projected %t", p.Weight, p.Projected)
				}
				values := make([]float32, p.Size())
				p.Init(rand.New(rand.NewPCG(1, 2)), values)
				var sum, squares float64
				for _, v := range values {
					sum, squares = sum+float64(v), squares+float64(v)*float64(v)
				}
				n := float64(len(values))
				mean := sum / n
				deviation := math.Sqrt(max(0, squares/n-mean*mean))
				// five standard errors, about
				if math.Abs(mean-want.mean) > 1e-6+5*want.deviation/math.Sqrt(n) ||
					math.Abs(deviation-want.deviation) > 1e-3+5*want.deviation/math.Sqrt(2*n) {
					t.Errorf("mean %g and deviation %g, want %g and %g", mean, deviation, want.mean, want.deviation)
				}
			})
		}
	}
}
