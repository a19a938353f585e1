package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/mpn"
)

// arithmetic returns how many multiplications and additions the products of a train step take, in millions, by the
// chunked form of its MPN (mpn.MPN.Unroll): those of both networks' unrolls and of the online one's gradient.
// Element-wise operations are not counted.
func (s shape) arithmetic() float64 {
	steps, chunks := float64(s.L+1), float64(mpn.Chunks(s.L+1))
	length := steps / chunks
	var (
		read    = steps                    // W x_t
		pairs   = steps * (length - 1) / 2 // W (x_s o x_t)
		carried = steps - length           // (W o M) x_t, but in the first chunk
		formed  = steps - length           // M, but after the last
	)
	forward, gradient := read+pairs+carried+formed, read+pairs+carried+formed
	head := 4 * steps * actions / float64(s.I) // two forward, and the gradients of h and of Wq
	return 2 * float64(s.K*s.B*s.I*s.H) * (2*forward + gradient + head) / 1e6
}

// limitRows returns the rows of what the machine can do on a backend: a product of two large matrices, and numbers read
// and written.
func limitRows(b compute.Backend, backend string) []*measurement {
	const side, numbers = 1024, 32 << 20
	product := func(x *Node) *Node { return Einsum("ij,jk->ik", x, x) }
	return []*measurement{
		limitRow(b, Row{Name: "product", Shape: fmt.Sprintf("%d x %d by %d x %d", side, side, side, side),
			Backend: backend, Unit: "GFLOP/s"},
			2*side*side*side/1e9, product, side, side),
		limitRow(b, Row{Name: "copy", Shape: "x + 1 for 128 MB", Backend: backend, Unit: "GB/s"}, 2*4*numbers/1e9,
			OnePlus, numbers),
	}
}

// limitRow measures how much of an amount a graph does to an array in a second.
func limitRow(b compute.Backend, row Row, amount float64, of func(*Node) *Node, dims ...int) *measurement {
	m := &measurement{Row: row}
	m.open = func() (measure, error) {
		exec, err := NewExec(b, of)
		if err != nil {
			return nil, err
		}
		x := tensors.FromScalarAndDimensions(float32(1)/1024, dims...)
		do := func() error {
			out, err := exec.Call(x)
			if err != nil {
				return err
			}
			return out[0].FinalizeAll()
		}
		return perSecond(amount, timed(10, 1, time.Second, nil, do)), do()
	}
	return m
}

// perSecond turns the seconds of a call into the amount that a second does.
func perSecond(amount float64, seconds measure) measure {
	return func(ctx context.Context) (float64, error) {
		took, err := seconds(ctx)
		return amount / took, err
	}
}
