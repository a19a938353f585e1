package mpn

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/oracle"
)

// member are one member's parameters by name, for the oracle.
type member map[string][]float64

// slow runs a cell one number at a time over x [T][I] from start [S]: h [T][H], of padded steps nil, and the state
// after the last step.
type slow func(params member, x [][]float64, valid []bool, start []float64) (h [][]float64, final []float64)

// trial is any cell with a random batch in float64. Its rows are padded in front by every length, the whole row
// included.
type trial struct {
	cell                Cell
	slow                slow
	k, b, t, i, h, s    int
	params              [][]float64 // [K, ...] in the order of the cell's
	x, start            []float64   // [K, B, T, I], [K, B, S]
	valid               []float64   // [K, B, T]
	weight, weightFinal []float64   // [K, B, T, H] of h and [K, B, S] of the state in the scalar that is differentiated
}

func newTrial(seed uint64, cell Cell, run slow) *trial { return newTrialOver(4, seed, cell, run) }

// newTrialOver returns a trial of so many steps.
func newTrialOver(steps int, seed uint64, cell Cell, run slow) *trial {
	p := &trial{cell: cell, slow: run, k: 2, b: steps + 1, t: steps}
	p.i, p.h, p.s = cell.Sizes()
	rng := rand.New(rand.NewPCG(seed, 0))
	draw := func(size int, scale float64) []float64 {
		numbers := make([]float64, p.k*size)
		for j := range numbers {
			numbers[j] = scale * rng.NormFloat64()
		}
		return numbers
	}
	for _, param := range cell.Params() {
		numbers := draw(param.Size(), 0.6)
		if strings.HasSuffix(param.Name, "lambda") {
			for j := range numbers {
				numbers[j] = 0.5 + 0.5*rng.Float64()
			}
		}
		p.params = append(p.params, numbers)
	}
	p.x, p.start = draw(p.b*p.t*p.i, 1), draw(p.b*p.s, 0.5)
	p.weight, p.weightFinal = draw(p.b*p.t*p.h, 1), draw(p.b*p.s, 1)
	p.valid = make([]float64, p.k*p.b*p.t)
	for row := range p.k * p.b {
		for step := row % (p.t + 1); step < p.t; step++ {
			p.valid[row*p.t+step] = 1
		}
	}
	for j := range p.weight { // what h is at a padded step means nothing
		p.weight[j] *= p.valid[j/p.h]
	}
	return p
}

// names returns what has a gradient: the parameters, the inputs and the start. arrays holds them.
func (p *trial) names() (names []string) {
	for _, param := range p.cell.Params() {
		names = append(names, param.Name)
	}
	return append(names, "inputs", "start")
}

func (p *trial) arrays() [][]float64 { return append(append([][]float64{}, p.params...), p.x, p.start) }

// inputs returns the arrays, weight, weightFinal and valid.
func (p *trial) inputs() []any {
	var in []any
	shape := func(data []float64, dims ...int) {
		in = append(in, tensors.FromFlatDataAndDimensions(data, append([]int{p.k}, dims...)...))
	}
	for i, param := range p.cell.Params() {
		shape(p.params[i], param.Shape...)
	}
	shape(p.x, p.b, p.t, p.i)
	shape(p.start, p.b, p.s)
	shape(p.weight, p.b, p.t, p.h)
	shape(p.weightFinal, p.b, p.s)
	shape(p.valid, p.b, p.t)
	return in
}

// unroll runs the cell in a graph of inputs.
func (p *trial) unroll(in []*Node, zeroStart bool) Unrolled {
	params, rest := Nodes{}, in[len(p.params):]
	for i, param := range p.cell.Params() {
		params[param.Name] = in[i]
	}
	if zeroStart {
		return p.cell.Unroll(params, rest[0], rest[4], nil)
	}
	return p.cell.Unroll(params, rest[0], rest[4], rest[1])
}

// result is what a graph or the oracle makes of a trial.
type result struct {
	h, final  []float64
	gradients [][]float64 // of sum(weight h) + sum(weightFinal final), by arrays
	byMethod  [][]float64 // of sum(weight h), by the parameters: Unrolled.Gradient
	byH       [][]float64 // the same by autodiff
}

// evaluator compiles a trial's cell. It reads the numbers at each call. A scalar with weightFinal = 0 is sum(weight h):
// the same program gives its gradients.
func (p *trial) evaluator(t *testing.T, b compute.Backend) func() result {
	t.Helper()
	count := len(p.params)
	call := compile[float64](t, b, func(in []*Node) []*Node {
		u, weight, weightFinal := p.unroll(in, false), in[count+2], in[count+3]
		scalar := Add(ReduceAllSum(Mul(u.H, weight)), ReduceAllSum(Mul(u.Final, weightFinal)))
		out := append([]*Node{u.H, u.Final}, Gradient(scalar, in[:count+2]...)...)
		method := u.Gradient(weight)
		for _, name := range p.names()[:count] {
			out = append(out, method.At(name))
		}
		return out
	})
	return func() result {
		out := call(p.inputs())
		hAlone := *p
		hAlone.weightFinal = make([]float64, len(p.weightFinal))
		return result{out[0], out[1], out[2:][:count+2], out[count+4:], call(hAlone.inputs())[2:][:count]}
	}
}

// oracle returns h (0 at padded steps), the final state, and the scalar sum(weight h) + sum(weightFinal final).
func (p *trial) oracle() (scalar float64, h, final []float64) {
	h = make([]float64, len(p.weight))
	for row := range p.k * p.b {
		params := member{}
		for i, param := range p.cell.Params() {
			params[param.Name] = p.params[i][row/p.b*param.Size():][:param.Size()]
		}
		valid := validSteps(p.valid[row*p.t:][:p.t])
		hs, state := p.slow(params, matrix(p.x[row*p.t*p.i:], p.t, p.i), valid, p.start[row*p.s:][:p.s])
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

// masked zeroes h at padded steps.
func (p *trial) masked(h []float64) []float64 { return maskedBy(h, p.valid, p.h) }

// check compares h, the final state and every gradient with the oracle, the gradients by finite differences, and
// Unrolled.Gradient with autodiff.
func (p *trial) check(t *testing.T, evaluate func() result) {
	t.Helper()
	got := evaluate()
	_, h, final := p.oracle()
	closeTo(t, "h", p.masked(got.h), h, 1e-12)
	closeTo(t, "final", got.final, final, 1e-12)
	for i, array := range p.arrays() {
		want := oracle.Gradient(func() float64 { scalar, _, _ := p.oracle(); return scalar }, array)
		closeTo(t, "gradient of "+p.names()[i], got.gradients[i], want, 1e-7)
	}
	for i := range got.byH {
		closeTo(t, "Gradient of "+p.names()[i], got.byMethod[i], got.byH[i], 1e-12)
	}
}

// checkPadding puts numbers into the padding: no h of a valid step, no state and no gradient may change by a bit, the
// gradient of the padding must be exactly 0, and a row of padding only must leave its state as it is.
func (p *trial) checkPadding(t *testing.T, evaluate func() result) {
	t.Helper()
	fillPadding := func(value float64) {
		for j := range p.x {
			if p.valid[j/p.i] == 0 {
				p.x[j] = value
			}
		}
	}
	fillPadding(0)
	clean := evaluate()
	fillPadding(3)
	dirty := evaluate()
	closeTo(t, "h over padding", p.masked(dirty.h), p.masked(clean.h), 0)
	closeTo(t, "final over padding", dirty.final, clean.final, 0)
	count := len(p.params)
	for i, gradient := range dirty.gradients {
		closeTo(t, "gradient over padding of "+p.names()[i], gradient, clean.gradients[i], 0)
	}
	for j, g := range dirty.gradients[count] {
		if p.valid[j/p.i] == 0 && g != 0 {
			t.Fatalf("gradient of padded input %d is %v, want exactly 0", j, g)
		}
	}
	last := func(array []float64) []float64 { return array[(p.b-1)*p.s : p.b*p.s] } // padding only: see newTrial
	closeTo(t, "state after padding", last(dirty.final), last(p.start), 0)
	closeTo(t, "gradient through padding", last(dirty.gradients[count+1]), last(p.weightFinal), 0)
}

// checkZeroStart checks that a nil start state means zero.
func (p *trial) checkZeroStart(t *testing.T, b compute.Backend) {
	t.Helper()
	out := run[float64](t, b, func(in []*Node) []*Node {
		u := p.unroll(in, true)
		return []*Node{u.H, u.Final}
	}, p.inputs())
	clear(p.start)
	_, h, final := p.oracle()
	closeTo(t, "h from zero", p.masked(out[0]), h, 1e-12)
	closeTo(t, "final from zero", out[1], final, 1e-12)
}

// layer returns the parameters of one layer, by their names without the prefix.
func (m member) layer(prefix string) member {
	layer := member{}
	for name, value := range m {
		if strings.HasPrefix(name, prefix) {
			layer[name[len(prefix):]] = value
		}
	}
	return layer
}

// maskedBy zeroes h [K, B, T, H] at the steps of valid [K, B, T] that are padded.
func maskedBy(h, valid []float64, hidden int) []float64 {
	out := make([]float64, len(h))
	for j := range h {
		out[j] = h[j] * valid[j/hidden]
	}
	return out
}

// validSteps returns valid [T] of one row, as the oracles read it.
func validSteps(valid []float64) []bool {
	steps := make([]bool, len(valid))
	for t := range valid {
		steps[t] = valid[t] == 1
	}
	return steps
}
