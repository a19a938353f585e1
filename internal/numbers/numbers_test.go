package numbers

import (
	"math"
	"slices"
	"testing"
)

func TestArgmax(t *testing.T) {
	for name, c := range map[string]struct {
		values []float32
		want   int
	}{"the first of equal ones": {[]float32{1, 3, 3}, 1}, "below zero": {[]float32{-2, -1, -3}, 1},
		"one": {[]float32{5}, 0}} {
		t.Run(name, func(t *testing.T) {
			if got := Argmax(c.values); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{3, 1}, 2}, {[]float64{5, 1, 3}, 3}, {[]float64{4, 1, 10, 2}, 3}} {
		before := slices.Clone(c.values)
		if got := Median(c.values); got != c.want || !slices.Equal(c.values, before) {
			t.Errorf("%v: median %v, want %v; then %v", before, got, c.want, c.values)
		}
	}
}

func TestFinite(t *testing.T) {
	for x, want := range map[float64]bool{0: true, -math.MaxFloat64: true, math.Inf(1): false, math.Inf(-1): false} {
		if Finite(x) != want || Finite(float32(x)) != (want && x == 0) {
			t.Errorf("%v is finite: %v", x, Finite(x))
		}
	}
	if Finite(math.NaN()) || Finite(float32(math.NaN())) {
		t.Error("NaN is finite")
	}
}

func TestFitsFloat32(t *testing.T) {
	for x, want := range map[float64]bool{0: true, -1.5: true, 1e-45: true, 1e-50: false, 1e38: true, 1e39: false,
		math.Inf(-1): false} {
		if FitsFloat32(x) != want {
			t.Errorf("%v: %t, want %t", x, !want, want)
		}
	}
	if FitsFloat32(math.NaN()) {
		t.Error("NaN fits")
	}
}
