package mpn

import (
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

// slowWeights are the parameters of drive: W [H, I] Xavier-uniform and b [H] zero, both trained.
func slowWeights(input, hidden int) []Param {
	return []Param{
		{Name: "W", Shape: []int{hidden, input}, Init: XavierUniform(input, hidden), Trainable: true},
		{Name: "b", Shape: []int{hidden}, Init: Constant(0), Trainable: true},
	}
}

// drive is b + W x_t of every step, [K, B, T, H].
func drive(params Nodes, x *Node) *Node {
	return Add(Einsum("kbti,khi->kbth", x, params.At("W")), InsertAxes(params.At("b"), 1, 1))
}

// XavierUniform draws from U(-k, k), k = sqrt(6 / (fanIn + fanOut)) (Glorot & Bengio 2010, eq. 16).
func XavierUniform(fanIn, fanOut int) func(*rand.Rand, []float32) {
	k := math.Sqrt(6 / float64(fanIn+fanOut))
	return func(rng *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(k * (2*rng.Float64() - 1))
		}
	}
}

// Normal draws from N(0, deviation^2).
func Normal(deviation float64) func(*rand.Rand, []float32) {
	return func(rng *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(deviation * rng.NormFloat64())
		}
	}
}

// Constant fills with value.
func Constant(value float64) func(*rand.Rand, []float32) {
	return func(_ *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(value)
		}
	}
}

// tanh is the hyperbolic tangent in single precision.
func tanh(x float32) float32 { return float32(math.Tanh(float64(x))) }
