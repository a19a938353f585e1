package gobackend_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/gobackend"
)

// A large product, for which the library's default number of workers is too small, ends, and is right: of ones,
// every entry is the length of the rows.
func TestLargeProduct(t *testing.T) {
	b, err := gobackend.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	exec, err := NewExec(b, func(x *Node) *Node { return Einsum("ij,jk->ik", x, x) })
	if err != nil {
		t.Fatal(err)
	}
	const n = 512
	out, err := exec.Call1(tensors.FromScalarAndDimensions(float32(1), n, n))
	if err != nil {
		t.Fatal(err)
	}
	product, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range product {
		if x != n {
			t.Fatalf("entry %d is %v, want %d", i, x, n)
		}
	}
}
