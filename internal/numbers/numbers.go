// Package numbers holds the small functions of numbers that several packages need.
package numbers

import (
	"math"
	"slices"
)

// Finite reports whether x is neither NaN nor infinite.
func Finite[F ~float32 | ~float64](x F) bool {
	return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0)
}

// FitsFloat32 reports whether x keeps its kind as a float32: neither NaN nor infinite, and 0 only if x is 0.
func FitsFloat32(x float64) bool {
	return Finite(float32(x)) && (x == 0) == (float32(x) == 0)
}

// Argmax returns the index of the largest value, the lowest of equal ones; 0 without values.
func Argmax[F ~float32 | ~float64](values []F) int {
	most := 0
	for i, value := range values {
		if value > values[most] {
			most = i
		}
	}
	return most
}

// Median returns the middle one of the values, of an even number the mean of the two in the middle. It panics
// without values, and leaves them in their order.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
