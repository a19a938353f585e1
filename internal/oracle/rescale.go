package oracle

import "math"

// Rescale returns h(x) = sign(x) (sqrt(|x| + 1) - 1) + 0.001 x (Pohlen et al. 2018, proposition A.2).
func Rescale(x float64) float64 {
	return math.Copysign(math.Sqrt(math.Abs(x)+1)-1, x) + 1e-3*x
}

// Unscale returns the x whose Rescale is y, found by halving an interval that holds it.
func Unscale(y float64) float64 {
	low, high := 0.0, 1000*math.Abs(y)
	for range 2000 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if Rescale(middle) < math.Abs(y) {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Copysign(high, y)
}
