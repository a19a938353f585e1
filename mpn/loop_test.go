package mpn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// looper is a cell that has the loop as a second form of Unroll.
type looper interface {
	loop(params Nodes, x, valid, start *Node) Unrolled
}

// asLoop is a cell whose windows of any length are a loop.
type asLoop struct{ Cell }

// Unroll implements Cell.
func (c asLoop) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	return c.Cell.(looper).loop(params, x, valid, start)
}

// TestRecurrentLoop compares h, the final state and every gradient of the loop with the oracle, the gradients by finite
// differences.
func TestRecurrentLoop(t *testing.T) {
	t.Parallel()
	for n := range recurrentCells {
		p := newWindow(n)
		p.cell = asLoop{p.cell}
		t.Run(p.cell.Name(), func(t *testing.T) {
			h, final, gradients := p.evaluator(t, backendtest.Open(t, backend.XLACPU))()
			_, wantH, wantFinal := p.oracle()
			closeTo(t, "h", p.masked(h), wantH, 1e-12)
			closeTo(t, "final", final, wantFinal, 1e-12)
			for i, array := range p.arrays() {
				want := oracle.Gradient(func() float64 { scalar, _, _ := p.oracle(); return scalar }, array)
				closeTo(t, "gradient of "+windowNames[i], gradients[i], want, 1e-7)
			}
		})
	}
}

// TestMPNLoop compares the loop over chunks, of every kind, with the oracle: forward, in every gradient, over padding
// and from zero.
func TestMPNLoop(t *testing.T) {
	t.Parallel()
	for _, chunk := range []int{1, 2, 3, 100} {
		t.Run(fmt.Sprint("chunk ", chunk), func(t *testing.T) {
			c := MPN{Input: 3, Hidden: 4, Chunk: chunk}
			p := newTrial(1, asLoop{c}, slowVariant(c.AsVariant(), nil))
			b := backendtest.Open(t, backend.XLACPU)
			evaluate := p.evaluator(t, b)
			p.check(t, evaluate)
			p.checkPadding(t, evaluate)
			p.checkZeroStart(t, b)
		})
	}
}
