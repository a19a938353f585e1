package mpn

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// slowWeights returns the parameters of drive.
func slowWeights(input, hidden int) []Param { return AffineParams("W", "b", input, hidden) }

// drive returns b + W x_t of every step, [K, B, T, H].
func drive(params Nodes, x *Node) *Node {
	return Add(Einsum("kbti,khi->kbth", x, params.At("W")), InsertAxes(params.At("b"), 1, 1))
}

// tanh returns the hyperbolic tangent in single precision.
func tanh(x float32) float32 { return float32(math.Tanh(float64(x))) }

// sigmoid returns the logistic function in single precision.
func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// AddProduct adds w x to dst; w is row-major, [len(dst), len(x)]. Equal arguments give equal bits.
func AddProduct(dst, w, x []float32) {
	if len(x) > smallProduct {
		gonum.Implementation{}.Sgemv(blas.NoTrans, len(dst), len(x), 1, w, len(x), x, 1, 1, dst, 1)
		return
	}
	for i := range dst {
		dst[i] += smallDot(w[i*len(x):][:len(x)], x)
	}
}

// smallProduct is the largest x whose place in memory need not be a multiple of 16 bytes: the order in which gonum sums
// depends on that, so the same product would have other bits from one process to the next.
const smallProduct = 6

// smallDot sums up to six products in the order of gonum for aligned vectors: in four lanes from four products on.
func smallDot(w, x []float32) float32 {
	var p [smallProduct]float32
	for j := range x {
		p[j] = w[j] * x[j]
	}
	if len(x) < 4 {
		return p[0] + p[1] + p[2]
	}
	return (p[0] + p[4] + p[5] + p[1]) + (p[2] + p[3])
}
