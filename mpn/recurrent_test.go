package mpn

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// recurrentCells are the ordinary recurrent cells, each with the oracle's step and its number of gates.
var recurrentCells = []struct {
	cell  func(input, hidden int) Cell
	step  oracle.Recurrence
	gates int
}{
	{func(i, h int) Cell { return RNN{Input: i, Hidden: h} }, oracle.RNN, 1},
	{func(i, h int) Cell { return GRU{Input: i, Hidden: h} }, oracle.GRU, 3},
	{func(i, h int) Cell { return LSTM{Input: i, Hidden: h} }, oracle.LSTM, 4},
}

// window is a recurrent cell with a random batch in float64.
type window struct {
	cell                 Cell
	step                 oracle.Recurrence
	gates                int
	k, b, t, i, h, s     int
	w, u, bias, x, start []float64 // [K, G*H, I], [K, G*H, H], [K, G*H], [K, B, T, I], [K, B, S]
	valid                []float64 // [K, B, T]: row 0 is valid, row 1 is padding, the others have holes
	weight, weightFinal  []float64 // [K, B, T, H] of h and [K, B, S] of the state in the scalar that is differentiated
}

// eachWindow runs test on a window of each cell on each backend.
func eachWindow(t *testing.T, test func(t *testing.T, b compute.Backend, p *window)) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for n := range recurrentCells {
			p := newWindow(n)
			t.Run(p.cell.Name(), func(t *testing.T) { test(t, b, p) })
		}
	})
}

// newWindow returns the window of the n-th cell; each call returns the same.
func newWindow(n int) *window {
	c := recurrentCells[n]
	p := &window{step: c.step, gates: c.gates, k: 2, b: 4, t: 4, i: 3, h: 5}
	p.cell = c.cell(p.i, p.h)
	_, _, p.s = p.cell.Sizes()
	rng := rand.New(rand.NewPCG(17, 0))
	for _, array := range []struct {
		to    *[]float64
		size  int
		scale float64
	}{
		{&p.w, p.gates * p.h * p.i, 0.6}, {&p.u, p.gates * p.h * p.h, 0.6}, {&p.bias, p.gates * p.h, 0.3},
		{&p.x, p.b * p.t * p.i, 1}, {&p.start, p.b * p.s, 0.5},
		{&p.weight, p.b * p.t * p.h, 1}, {&p.weightFinal, p.b * p.s, 1},
	} {
		*array.to = make([]float64, p.k*array.size)
		for j := range *array.to {
			(*array.to)[j] = array.scale * rng.NormFloat64()
		}
	}
	p.valid = make([]float64, p.k*p.b*p.t)
	for j := range p.valid {
		if row := j / p.t; row == 0 || row > 1 && rng.Float64() < 0.6 {
			p.valid[j] = 1
		}
	}
	for j := range p.weight { // what h is at a padded step means nothing
		p.weight[j] *= p.valid[j/p.h]
	}
	return p
}

// windowNames are the arrays that have a gradient, in the order of arrays.
var windowNames = []string{"W", "U", "b", "inputs", "start"}

func (p *window) arrays() [][]float64 { return [][]float64{p.w, p.u, p.bias, p.x, p.start} }

// inputs returns the arrays, weight, weightFinal and valid.
func (p *window) inputs() []any {
	rows, shape := p.gates*p.h, tensors.FromFlatDataAndDimensions[float64]
	return []any{
		shape(p.w, p.k, rows, p.i), shape(p.u, p.k, rows, p.h), shape(p.bias, p.k, rows),
		shape(p.x, p.k, p.b, p.t, p.i), shape(p.start, p.k, p.b, p.s),
		shape(p.weight, p.k, p.b, p.t, p.h), shape(p.weightFinal, p.k, p.b, p.s), shape(p.valid, p.k, p.b, p.t),
	}
}

// unroll runs the cell in a graph of inputs.
func (p *window) unroll(in []*Node, start *Node) Unrolled {
	return p.cell.Unroll(Nodes{"W": in[0], "U": in[1], "b": in[2]}, in[3], in[7], start)
}

// evaluator compiles h, the final state and the gradients of sum(weight h) + sum(weightFinal final). It reads the
// window at each call.
func (p *window) evaluator(t *testing.T, b compute.Backend) func() (h, final []float64, gradients [][]float64) {
	t.Helper()
	call := compile[float64](t, b, func(in []*Node) []*Node {
		u := p.unroll(in, in[4])
		value := Add(ReduceAllSum(Mul(u.H, in[5])), ReduceAllSum(Mul(u.Final, in[6])))
		return append([]*Node{u.H, u.Final}, Gradient(value, in[:5]...)...)
	})
	return func() (h, final []float64, gradients [][]float64) {
		out := call(p.inputs())
		return out[0], out[1], out[2:]
	}
}

// oracle computes the same scalar one number at a time, and h, 0 at padded steps, and the final state.
func (p *window) oracle() (scalar float64, h, final []float64) {
	h = make([]float64, len(p.weight))
	for row := range p.k * p.b {
		valid := validSteps(p.valid[row*p.t:][:p.t])
		hs, state := p.step.Run(p.gatesOf(row/p.b), matrix(p.x[row*p.t*p.i:], p.t, p.i), valid, p.start[row*p.s:][:p.s])
		for t := range hs {
			copy(h[(row*p.t+t)*p.h:], hs[t])
		}
		final = append(final, state...)
	}
	for j := range h {
		scalar += h[j] * p.weight[j]
	}
	for j := range final {
		scalar += final[j] * p.weightFinal[j]
	}
	return scalar, h, final
}

// gatesOf returns the gates of member k.
func (p *window) gatesOf(k int) []oracle.Gate {
	gates := make([]oracle.Gate, p.gates)
	for g := range gates {
		unit := (k*p.gates + g) * p.h // the first of the gate
		gates[g] = oracle.Gate{W: matrix(p.w[unit*p.i:], p.h, p.i), U: matrix(p.u[unit*p.h:], p.h, p.h),
			B: p.bias[unit:][:p.h]}
	}
	return gates
}

// masked zeroes h at padded steps.
func (p *window) masked(h []float64) []float64 { return maskedBy(h, p.valid, p.h) }

// TestRecurrent compares h, the final state and every gradient with the oracle, the gradients by finite
// differences.
func TestRecurrent(t *testing.T) {
	eachWindow(t, func(t *testing.T, b compute.Backend, p *window) { p.meetOracle(t, b) })
}

// meetOracle compares h, the final state and every gradient with the oracle, the gradients by finite differences.
func (p *window) meetOracle(t *testing.T, b compute.Backend) {
	t.Helper()
	h, final, gradients := p.evaluator(t, b)()
	_, wantH, wantFinal := p.oracle()
	closeTo(t, "h", p.masked(h), wantH, 1e-12)
	closeTo(t, "final", final, wantFinal, 1e-12)
	for i, array := range p.arrays() {
		want := oracle.Gradient(func() float64 { scalar, _, _ := p.oracle(); return scalar }, array)
		closeTo(t, "gradient of "+windowNames[i], gradients[i], want, 1e-7)
	}
}

// TestRecurrentZeroStart checks that a missing start state stands for zero.
func TestRecurrentZeroStart(t *testing.T) {
	eachWindow(t, func(t *testing.T, b compute.Backend, p *window) {
		out := run[float64](t, b, func(in []*Node) []*Node {
			u := p.unroll(in, nil)
			return []*Node{u.H, u.Final}
		}, p.inputs())
		clear(p.start)
		_, h, final := p.oracle()
		closeTo(t, "h", p.masked(out[0]), h, 1e-12)
		closeTo(t, "final", out[1], final, 1e-12)
	})
}

// TestRecurrentUnrolledGradient compares Unrolled.Gradient with that of sum(weight h) by autodiff.
func TestRecurrentUnrolledGradient(t *testing.T) {
	eachWindow(t, func(t *testing.T, b compute.Backend, p *window) {
		out := run[float64](t, b, func(in []*Node) []*Node {
			u := p.unroll(in, in[4])
			g := u.Gradient(in[5])
			want := Gradient(ReduceAllSum(Mul(u.H, in[5])), in[:3]...)
			return append([]*Node{g.At("W"), g.At("U"), g.At("b")}, want...)
		}, p.inputs())
		for i, got := range out[:3] {
			closeTo(t, "gradient of "+windowNames[i], got, out[3+i], 1e-12)
		}
	})
}

// TestRecurrentPadding puts numbers into the padding: no h of a valid step, no state and no gradient may change by
// a bit, and the gradient of the padding itself must be exactly 0.
func TestRecurrentPadding(t *testing.T) {
	eachWindow(t, func(t *testing.T, b compute.Backend, p *window) {
		fillPadding := func(value float64) {
			for j := range p.x {
				if p.valid[j/p.i] == 0 {
					p.x[j] = value
				}
			}
		}
		evaluate := p.evaluator(t, b)
		fillPadding(0)
		h, final, gradients := evaluate()
		fillPadding(3) // as a projection with b_rand != 0 makes of a zero observation
		dirtyH, dirtyFinal, dirtyGradients := evaluate()
		closeTo(t, "h", p.masked(dirtyH), p.masked(h), 0)
		closeTo(t, "final", dirtyFinal, final, 0)
		for i, gradient := range dirtyGradients {
			closeTo(t, "gradient of "+windowNames[i], gradient, gradients[i], 0)
		}
		for j, g := range dirtyGradients[3] {
			if p.valid[j/p.i] == 0 && g != 0 {
				t.Fatalf("gradient of padded input %d is %v, want exactly 0", j, g)
			}
		}
		row := func(array []float64) []float64 { return array[p.s : 2*p.s] } // row 1 has padding only
		closeTo(t, "state after padding", row(dirtyFinal), row(p.start), 0)
		closeTo(t, "gradient through padding", row(dirtyGradients[4]), row(p.weightFinal), 0)
	})
}

// TestForgetBias checks that only the forget gate's bias does not start at 0.
func TestForgetBias(t *testing.T) {
	for _, c := range recurrentCells {
		p := c.cell(3, 4).Params()[2]
		got, want := make([]float32, p.Size()), make([]float32, 4*c.gates)
		p.Init(nil, got)
		if c.gates == 4 { // i, f, g, o
			copy(want[4:], []float32{1, 1, 1, 1})
		}
		closeTo(t, "b", got, want, 0)
	}
}
