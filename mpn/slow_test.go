package mpn

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// TestAddProduct checks that the same product has the same bits wherever its vector lies in memory. Up to six elements,
// which the runtime may put anywhere, no place matters, and the bits are gonum's for an aligned vector; longer ones lie
// at multiples of 16 bytes.
func TestAddProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 40; n++ {
		const rows = 5
		w := make([]float32, rows*n)
		Normal(1)(rng, w)
		room := make([]float32, 64)
		var want []float32
		for offset := range 4 {
			x := room[offset:][:n]
			Normal(1)(rand.New(rand.NewPCG(uint64(n), 2)), x)
			got := make([]float32, rows)
			if AddProduct(got, w, x); offset == 0 {
				want = make([]float32, rows)
				gonum.Implementation{}.Sgemv(blas.NoTrans, rows, n, 1, w, n, x, 1, 1, want, 1)
			}
			if offset == 0 || n <= smallProduct {
				closeTo(t, "product", got, want, 0)
			}
		}
		for range 100 {
			x := make([]float32, n)
			if at := uintptr(unsafe.Pointer(unsafe.SliceData(x))); n > smallProduct && at%16 != 0 {
				t.Fatalf("a vector of %d lies at %d", n, at)
			}
		}
	}
}
