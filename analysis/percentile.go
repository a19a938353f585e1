package analysis

import "math"

// percentile returns the value below which a share p of sorted lies, interpolated linearly between neighbours:
//
//	h = (n-1) p;  sorted[floor h] + (h - floor h) (sorted[floor h + 1] - sorted[floor h])
//
// It is NumPy's default, type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American
// Statistician 50 (1996), p. 361. (Gonum's stat.LinInterp is type 4.) Sorted [n] ascends, n >= 1, and 0 <= p <= 1:
// the caller must ensure both.
func percentile(sorted []float64, p float64) float64 {
	h := float64(len(sorted)-1) * p
	below := int(math.Floor(h))
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (h-float64(below))*(sorted[above]-sorted[below])
}
