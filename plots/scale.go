package plots

import (
	"math"

	"engram/internal/numbers"
)

// fitted returns the range of an axis for numbers from low to high. It is never empty, always finite, and positive on a
// logarithmic axis.
func fitted(low, high float64, log bool) (float64, float64) {
	if !numbers.Finite(low) || !numbers.Finite(high) || low > high {
		return 1, 2
	}
	const apart = 1e-12 // relative: an axis cannot show smaller differences
	if near := math.Max(math.Abs(low), math.Abs(high)) * apart; high/2-low/2 > near/2 {
		return low, high
	}
	if log {
		return max(low/2, math.SmallestNonzeroFloat64), min(high, math.MaxFloat64/2) * 2
	}
	room := max(1, math.Abs(low)/2)
	return max(low-room, -math.MaxFloat64), min(high+room, math.MaxFloat64)
}
