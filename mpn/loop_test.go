package mpn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
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
			p.meetOracle(t, backendtest.Open(t, backend.XLACPU))
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
			p := newTrialOver(5, 1, asLoop{c}, slowVariant(c.AsVariant(), nil)) // chunks of 2 are filled up
			b := backendtest.Open(t, backend.XLACPU)
			evaluate := p.evaluator(t, b)
			p.check(t, evaluate)
			p.checkPadding(t, evaluate)
			p.checkZeroStart(t, b)
		})
	}
}

// TestGatedLoop compares the loop of the gated cell with the oracle, likewise, and where gates are shut.
func TestGatedLoop(t *testing.T) {
	t.Parallel()
	for i, gate := range gates() {
		t.Run(string(gate.Shape), func(t *testing.T) {
			c := MPN{Input: 3, Hidden: 4, Forget: gate, Chunk: 3 - i}
			p := newTrialOver(5, 1, asLoop{c}, slowVariant(c.AsVariant(), nil)) // the last chunk is filled up
			b := backendtest.Open(t, backend.XLACPU)
			evaluate := p.evaluator(t, b)
			p.check(t, evaluate)
			fill(p.params[5], -1e4)
			p.checkPadding(t, evaluate)
			p.check(t, evaluate)
			p.checkZeroStart(t, b)
		})
	}
}

// TestVariantLoop compares the loop over steps of some variants, which have each option among them, with the oracle:
// forward, in every gradient and over padding.
func TestVariantLoop(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.XLACPU)
	all := variants(4, 3)
	cells := []Variant{all[6], all[9], all[1]}
	for i, gate := range gates() {
		cells[i].Plain.Forget = gate
	}
	for _, c := range cells {
		t.Run(c.label()+" "+string(c.Plain.Forget.Shape), func(t *testing.T) {
			p := smoothTrial(t, c)
			p.cell = asLoop{c}
			evaluate := p.evaluator(t, b)
			p.check(t, evaluate)
			p.checkPadding(t, evaluate)
		})
	}
}

// TestLoopedLayers differentiates two layers of loops by autodiff, which goes through both adjoints.
func TestLoopedLayers(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.XLACPU)
	plain := Layers{MPN{Input: 3, Hidden: 4, Chunk: 3}, GRU{Input: 4, Hidden: 3}}
	p := newTrial(3, Layers{asLoop{plain.First}, asLoop{plain.Second}}, nil)
	unrolled := newTrial(3, plain, nil)
	got, want := p.evaluator(t, b)(), unrolled.evaluator(t, b)()
	closeTo(t, "h", p.masked(got.h), p.masked(want.h), 1e-12)
	closeTo(t, "final", got.final, want.final, 1e-12)
	for i := range want.gradients {
		closeTo(t, "gradient of "+p.names()[i], got.gradients[i], want.gradients[i], 1e-12)
	}
	for i := range want.byMethod {
		closeTo(t, "Gradient of "+p.names()[i], got.byMethod[i], want.byMethod[i], 1e-12)
	}
}

// TestLongWindow checks that XLA computes windows by a loop from a length on, by the number of nodes of their graphs,
// and that the pure-Go backend unrolls them.
func TestLongWindow(t *testing.T) {
	t.Parallel()
	cells := []Cell{MPN{Input: 2, Hidden: 3}, MPN{Input: 2, Hidden: 3, Forget: gates()[1]}, variants(3, 2)[1]}
	for _, c := range recurrentCells {
		cells = append(cells, c.cell(2, 3))
	}
	for _, cell := range cells {
		longest := longestSteps
		if _, chunked := cell.(MPN); chunked {
			longest = longestChunks
		}
		nodes := func(backend string, steps int) int {
			g := NewGraph(backendtest.Open(t, backend), "window")
			defer g.Finalize()
			parameter := func(name string, dims ...int) *Node {
				return Parameter(g, name, shapes.Make(dtypes.Float64, append([]int{1}, dims...)...))
			}
			params := Nodes{}
			for _, p := range cell.Params() {
				params[p.Name] = parameter(p.Name, p.Shape...)
			}
			h := cell.Unroll(params, parameter("x", 2, steps, 2), parameter("valid", 2, steps), nil).H
			if got, want := h.Shape().Dimensions, []int{1, 2, steps, 3}; !slices.Equal(got, want) {
				t.Errorf("%s: h has the shape %v, want %v", cell.Name(), got, want)
			}
			return len(g.Nodes())
		}
		short, looped := nodes(backend.XLACPU, longest), nodes(backend.XLACPU, longest+1)
		shortInGo, unrolled := nodes(backend.Go, longest), nodes(backend.Go, longest+1)
		long := nodes(backend.XLACPU, 1024)
		if short != shortInGo || looped == unrolled || long > looped+1 { // one: what fills up the last chunk
			t.Errorf("%s: %d nodes, by a loop %d and %d, unrolled in Go %d and %d", cell.Name(), short, looped, long,
				shortInGo, unrolled)
		}
	}
}
