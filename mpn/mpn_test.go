package mpn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// problem is a random cell and batch in float64, with everything that has a gradient in one flat array.
type problem struct {
	k, b, t, i, h int
	eta, lambda   []float64 // [K]
	w, bias       []float64 // [K, H, I], [K, H]
	x, start      []float64 // [K, B, T, I], [K, B, H*I]
	valid         []float64 // [K, B, T]
	weight        []float64 // [K, B, T, H] of h in the scalar that is differentiated
	weightFinal   []float64 // [K, B, H*I] of the final state
}

func newProblem(seed uint64, k, b, t, i, h int) *problem {
	rng := rand.New(rand.NewPCG(seed, 0))
	draw := func(n int, scale float64) []float64 {
		out := make([]float64, n)
		for j := range out {
			out[j] = scale * rng.NormFloat64()
		}
		return out
	}
	p := &problem{k: k, b: b, t: t, i: i, h: h, eta: draw(k, 0.4), lambda: make([]float64, k), w: draw(k*h*i, 0.6),
		bias: draw(k*h, 0.3),
		x:    draw(k*b*t*i, 1), start: draw(k*b*h*i, 0.5), valid: make([]float64, k*b*t), weight: draw(k*b*t*h,
			1), weightFinal: draw(k*b*h*i, 1)}
	for j := range p.lambda {
		p.lambda[j] = 0.5 + 0.5*rng.Float64()
	}
	for row := range k * b { // padding in front, of every length
		for step := row % (t + 1); step < t; step++ {
			p.valid[row*t+step] = 1
		}
	}
	for j := range p.weight { // what h is at a padded step means nothing
		p.weight[j] *= p.valid[j/h]
	}
	return p
}

func (p *problem) inputs(zeroStart bool) []any {
	tensor := func(data []float64, dims ...int) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(data, dims...)
	}
	start := p.start
	if zeroStart {
		start = make([]float64, len(p.start))
	}
	return []any{tensor(p.w, p.k, p.h, p.i), tensor(p.bias, p.k, p.h), tensor(p.eta, p.k), tensor(p.lambda, p.k),
		tensor(p.x, p.k, p.b, p.t, p.i), tensor(start, p.k, p.b, p.h*p.i), tensor(p.valid, p.k, p.b, p.t),
		tensor(p.weight, p.k, p.b, p.t, p.h), tensor(p.weightFinal, p.k, p.b, p.h*p.i)}
}

// gradientNames are the inputs that have a gradient, in their order.
var gradientNames = []string{"W", "b", "eta", "lambda", "inputs", "start"}

// evaluate runs a form of a cell on a backend: the scalar sum(weight h) + sum(weightFinal final), h, the final
// state and the gradients.
func (p *problem) evaluate(t *testing.T, b compute.Backend, zeroStart bool, unroll func(params Nodes, x, valid,
	start *Node) Unrolled) (scalar float64, h, final []float64, gradients [][]float64) {
	t.Helper()
	out := run[float64](t, b, func(in []*Node) []*Node {
		params := Nodes{"W": in[0], "b": in[1], "eta": in[2], "lambda": in[3]}
		start := in[5]
		if zeroStart {
			start = nil
		}
		u := unroll(params, in[4], in[6], start)
		h, final := u.H, u.Final
		value := ReduceAllSum(Mul(h, in[7]))
		if final == nil {
			final = ZerosLike(in[5])
		} else {
			value = Add(value, ReduceAllSum(Mul(final, in[8])))
		}
		return append([]*Node{value, h, final}, Gradient(value, in[:6]...)...)
	}, p.inputs(zeroStart))
	return out[0][0], out[1], out[2], out[3:]
}

// run computes a graph once on a backend and returns its results flat.
func run[F float32 | float64](t *testing.T, b compute.Backend, graph func(in []*Node) []*Node, in []any) [][]F {
	t.Helper()
	return compile[F](t, b, graph)(in)
}

// compile compiles a graph; unlike run it serves graphs that are computed more than once.
func compile[F float32 | float64](t *testing.T, b compute.Backend,
	graph func(in []*Node) []*Node) func(in []any) [][]F {
	t.Helper()
	exec, err := NewExec(b, graph)
	if err != nil {
		t.Fatal(err)
	}
	return func(in []any) [][]F {
		t.Helper()
		out, err := exec.Call(in...)
		if err != nil {
			t.Fatal(err)
		}
		flat := make([][]F, len(out))
		for i := range out {
			if flat[i], err = tensors.CopyFlatData[F](out[i]); err != nil {
				t.Fatal(err)
			}
		}
		return flat
	}
}

// stepwise runs the step-by-step form.
func stepwise(c MPN) func(params Nodes, x, valid, start *Node) Unrolled {
	return func(params Nodes, x, valid, start *Node) Unrolled {
		h, final := c.UnrollSteps(params, x, valid, start)
		return Unrolled{H: h, Final: final}
	}
}

// matrix returns the first rows of flat.
func matrix(flat []float64, rows, columns int) [][]float64 {
	m := make([][]float64, rows)
	for r := range m {
		m[r] = flat[r*columns : (r+1)*columns]
	}
	return m
}

// oracle computes the same scalar one number at a time, and h and the final state.
func (p *problem) oracle(frozen, zeroStart bool) (scalar float64, h, final []float64) {
	h, final = make([]float64, len(p.weight)), make([]float64, len(p.start))
	for row := range p.k * p.b {
		k := row / p.b
		cell := oracle.Cell{W: matrix(p.w[k*p.h*p.i:], p.h, p.i), B: p.bias[k*p.h:][:p.h], Eta: p.eta[k],
			Lambda: p.lambda[k], Frozen: frozen}
		valid := validSteps(p.valid[row*p.t:][:p.t])
		var start [][]float64
		if !zeroStart {
			start = matrix(p.start[row*p.h*p.i:], p.h, p.i)
		}
		hs, m := cell.Run(matrix(p.x[row*p.t*p.i:], p.t, p.i), valid, start)
		for step := range hs {
			copy(h[(row*p.t+step)*p.h:], hs[step])
		}
		for r := range m {
			copy(final[(row*p.h+r)*p.i:], m[r])
		}
	}
	for j := range h {
		scalar += h[j] * p.weight[j]
	}
	if !frozen {
		for j := range final {
			scalar += final[j] * p.weightFinal[j]
		}
	}
	return scalar, h, final
}

func closeTo[F float32 | float64](t *testing.T, what string, got, want []F, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		g, w := float64(got[i]), float64(want[i])
		if !(math.Abs(g-w) <= tolerance*(1+math.Abs(w))) {
			t.Fatalf("%s[%d] = %v, want %v (tolerance %g)", what, i, g, w, tolerance)
		}
	}
}

// masked zeroes h at padded steps, where it means nothing.
func (p *problem) masked(h []float64) []float64 { return maskedBy(h, p.valid, p.h) }

// chunksOn returns the kinds of chunk that are tried on a backend. They make graphs, the same for every backend: where
// each is compiled for seconds, a window of whole chunks and a shorter one stands for all kinds.
func chunksOn(b compute.Backend, all ...int) []int {
	if backendtest.Compiles(b) {
		return []int{3}
	}
	return all
}

// TestFormsAgree compares the chunked form, for every kind of chunk, with the step-by-step form and with the
// oracle: forward, and in every gradient.
func TestFormsAgree(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, zeroStart := range []bool{false, true} {
			p := newProblem(7, 2, 4, 5, 3, 5)
			steps, stepsH, stepsFinal, stepsGradients := p.evaluate(t, b, zeroStart,
				stepwise(MPN{Input: p.i, Hidden: p.h}))
			want, h, final := p.oracle(false, zeroStart)
			closeTo(t, "step-by-step scalar", []float64{steps}, []float64{want}, 1e-12)
			for _, chunk := range chunksOn(b, 1, 3, 100) {
				value, gotH, gotFinal, gradients := p.evaluate(t, b, zeroStart,
					MPN{Input: p.i, Hidden: p.h, Chunk: chunk}.Unroll)
				name := fmt.Sprintf("chunk %d, zero start %v: ", chunk, zeroStart)
				closeTo(t, name+"scalar", []float64{value}, []float64{steps}, 1e-12)
				closeTo(t, name+"h", p.masked(gotH), p.masked(stepsH), 1e-12)
				closeTo(t, name+"h by the oracle", p.masked(gotH), p.masked(h), 1e-12)
				closeTo(t, name+"final", gotFinal, stepsFinal, 1e-12)
				closeTo(t, name+"final by the oracle", gotFinal, final, 1e-12)
				for i, gradient := range gradients {
					closeTo(t, name+"gradient of "+gradientNames[i], gradient, stepsGradients[i], 1e-12)
				}
			}
		}
	})
}

// TestGradients compares every gradient with finite differences of the oracle.
func TestGradients(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := newProblem(11, 1, 3, 5, 2, 3)
		_, _, _, gradients := p.evaluate(t, b, false, MPN{Input: p.i, Hidden: p.h, Chunk: 3}.Unroll)
		for i, array := range [][]float64{p.w, p.bias, p.eta, p.lambda, p.x, p.start} {
			want := oracle.Gradient(func() float64 { s, _, _ := p.oracle(false, false); return s }, array)
			closeTo(t, "gradient of "+gradientNames[i], gradients[i], want, 1e-7)
		}
		_, _, _, gradients = p.evaluate(t, b, true, Frozen{Input: p.i, Hidden: p.h}.Unroll)
		for i, array := range [][]float64{p.w, p.bias} {
			want := oracle.Gradient(func() float64 { s, _, _ := p.oracle(true, true); return s }, array)
			closeTo(t, "frozen: gradient of "+gradientNames[i], gradients[i], want, 1e-7)
		}
	})
}

// TestGradientByHand compares Unrolled.Gradient with autodiff through the step-by-step form, for every kind of
// chunk, also at lambda = 0 and eta = 0, where powers and quotients are easily not numbers.
func TestGradientByHand(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			edit   func(*problem)
			chunks []int
		}{
			{func(*problem) {}, []int{1, 2, 3, 7, 100}},
			{func(p *problem) { p.lambda[0] = 0 }, []int{3}},
			{func(p *problem) { p.eta[0] = 0 }, []int{3}},
		} {
			p := newProblem(13, 2, 6, 7, 3, 5)
			c.edit(p)
			for _, zeroStart := range []bool{false, true} {
				clear(p.weightFinal) // a loss reads h alone
				_, _, _, want := p.evaluate(t, b, zeroStart, stepwise(MPN{Input: p.i, Hidden: p.h}))
				for _, chunk := range chunksOn(b, c.chunks...) {
					got := p.byHand(t, b, zeroStart, MPN{Input: p.i, Hidden: p.h, Chunk: chunk})
					for i, gradient := range got {
						closeTo(t, fmt.Sprintf("chunk %d, zero start %v: gradient of %s", chunk, zeroStart,
							gradientNames[i]), gradient, want[i], 1e-12)
					}
				}
			}
		}
	})
}

// byHand computes the gradients of sum(weight h) with respect to W, b, eta and lambda by Unrolled.Gradient.
func (p *problem) byHand(t *testing.T, b compute.Backend, zeroStart bool, cell Cell) (gradients [][]float64) {
	t.Helper()
	return run[float64](t, b, func(in []*Node) []*Node {
		start := in[5]
		if zeroStart {
			start = nil
		}
		g := cell.Unroll(Nodes{"W": in[0], "b": in[1], "eta": in[2], "lambda": in[3]}, in[4], in[6],
			start).Gradient(in[7])
		return []*Node{g.At("W"), g.At("b"), g.At("eta"), g.At("lambda")}
	}, p.inputs(zeroStart))
}

// TestNoPlasticity checks that with eta = 0 and M = 0 the cell is the feed-forward layer.
func TestNoPlasticity(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := newProblem(3, 2, 3, 6, 3, 4)
		clear(p.eta)
		_, h, _, _ := p.evaluate(t, b, true, MPN{Input: p.i, Hidden: p.h}.Unroll)
		_, frozen, _, _ := p.evaluate(t, b, true, Frozen{Input: p.i, Hidden: p.h}.Unroll)
		closeTo(t, "h with eta = 0", p.masked(h), p.masked(frozen), 0)
	})
}

// TestPadding puts numbers into the padding: the state, every h and every gradient must not change by a bit, and
// the gradient of the padding itself must be exactly 0.
func TestPadding(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		clean, dirty := newProblem(5, 2, 4, 6, 3, 4), newProblem(5, 2, 4, 6, 3, 4)
		for j := range dirty.x {
			if dirty.valid[j/dirty.i] == 0 {
				clean.x[j], dirty.x[j] = 0, 3 // 3: as a projection with b_rand != 0 makes of a zero observation
			}
		}
		_, h, final, gradients := clean.evaluate(t, b, false, MPN{Input: 3, Hidden: 4, Chunk: 3}.Unroll)
		_, dirtyH, dirtyFinal, dirtyGradients := dirty.evaluate(t, b, false, MPN{Input: 3, Hidden: 4, Chunk: 3}.Unroll)
		closeTo(t, "h", dirty.masked(dirtyH), clean.masked(h), 0)
		closeTo(t, "final state", dirtyFinal, final, 0)
		for i, gradient := range dirtyGradients {
			closeTo(t, "gradient of "+gradientNames[i], gradient, gradients[i], 0)
		}
		padded := 0
		for j, g := range dirtyGradients[4] {
			if dirty.valid[j/dirty.i] == 0 {
				padded++
				if g != 0 {
					t.Fatalf("gradient of padded input %d is %v, want exactly 0", j, g)
				}
			}
		}
		if padded == 0 {
			t.Fatal("no padding was tested")
		}
		// the state of a row of padding only stays as it was, and so does its gradient
		for row := range dirty.k * dirty.b {
			if dirty.valid[(row+1)*dirty.t-1] == 0 {
				of := func(array []float64) []float64 { return array[row*12 : (row+1)*12] }
				closeTo(t, "state after padding", of(dirtyFinal), of(dirty.start), 0)
				closeTo(t, "gradient through padding", of(dirtyGradients[5]), of(dirty.weightFinal), 0)
				padded = -1
			}
		}
		if padded != -1 {
			t.Fatal("no row of padding only was tested")
		}
	})
}

// TestStepper compares the plain-Go steps with the graph in float32: h of every step and the state after the last.
func TestStepper(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		cells := []Cell{
			MPN{Input: 10, Hidden: 64, Eta: 0.2, Lambda: 0.95, TrainEta: true, TrainLambda: true},
			MPN{Input: 10, Hidden: 64, Eta: 0.2, Lambda: 0.95, Forget: gates()[0]},
			MPN{Input: 10, Hidden: 64, Eta: 0.2, Lambda: 0.95, Forget: gates()[1]},
			Frozen{Input: 10, Hidden: 64},
			RNN{Input: 10, Hidden: 64},
			GRU{Input: 10, Hidden: 64},
			LSTM{Input: 10, Hidden: 64},
			Layers{GRU{Input: 10, Hidden: 64}, MPN{Input: 64, Hidden: 8, Eta: 0.2, Lambda: 0.95}},
			Layers{Frozen{Input: 10, Hidden: 8}, Frozen{Input: 8, Hidden: 8}},
		}
		for _, c := range variantsOn(b, 64, 10) {
			cells = append(cells, c)
		}
		for _, cell := range cells {
			t.Run(cell.Name(), func(t *testing.T) { testStepper(t, b, cell) })
		}
	})
}

func testStepper(t *testing.T, b compute.Backend, cell Cell) {
	const count = 20
	rng := rand.New(rand.NewPCG(1, 1))
	values, in := Values{}, []any{}
	for _, p := range cell.Params() {
		value := make([]float32, p.Size())
		p.Init(rng, value)
		switch kind := p.Name[strings.Index(p.Name, ".")+1:]; {
		case kind == "b": // which is mostly 0 at first
			Normal(0.3)(rng, value)
		case kind == "eta" && p.Size() > 1: // which is the same in all entries at first
			Normal(0.2)(rng, value)
		case kind == "lambda" && p.Size() > 1:
			Uniform(0.95)(rng, value)
		}
		values[p.Name] = value
		in = append(in, tensors.FromFlatDataAndDimensions(value, append([]int{1}, p.Shape...)...))
	}
	input, hidden, state := cell.Sizes()
	x := make([]float32, count*input)
	Normal(1)(rng, x)
	want := run[float32](t, b, func(in []*Node) []*Node {
		params := Nodes{}
		for i, p := range cell.Params() {
			params[p.Name] = in[i]
		}
		x := in[len(in)-1]
		u := cell.Unroll(params, x, OnesLike(ReduceSum(x, -1)), nil)
		if u.Final == nil {
			return []*Node{u.H}
		}
		return []*Node{u.H, u.Final}
	}, append(in, tensors.FromFlatDataAndDimensions(x, 1, 1, count, input)))
	stepper, s, h := cell.NewStepper(values), make([]float32, state), make([]float32, hidden)
	for step := range count {
		stepper.Step(x[step*input:(step+1)*input], s, h)
		// closeTo doubles its tolerance at |h| = 1
		closeTo(t, fmt.Sprintf("h of step %d", step), h, want[0][step*hidden:(step+1)*hidden], 5e-6)
	}
	if state > 0 {
		closeTo(t, "state", s, want[1], 5e-6)
	}
	if n := testing.AllocsPerRun(100, func() { stepper.Step(x[:input], s, h) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

// shaped returns a variant whose parameters are all trained.
func shaped(eta, lambda Shape) Variant {
	c := MPN{Input: 10, Hidden: 64, TrainEta: true, TrainLambda: true}.AsVariant()
	c.EtaShape, c.LambdaShape = eta, lambda
	return c
}

func TestTrainable(t *testing.T) {
	for _, c := range []struct {
		cell Cell
		want int
	}{
		{MPN{Input: 10, Hidden: 64, TrainEta: true, TrainLambda: true}, 64*11 + 2},
		{MPN{Input: 10, Hidden: 64}, 64 * 11},
		{shaped(ShapeScalar, ShapeRow), 64*11 + 1 + 64},
		{shaped(ShapeRow, ShapeColumn), 64*11 + 64 + 10},
		{shaped(ShapeColumn, ShapeFull), 64*11 + 10 + 640},
		{shaped(ShapeFull, ShapeScalar), 64*11 + 640 + 1},
		{Layers{RNN{Input: 10, Hidden: 64}, MPN{Input: 64, Hidden: 8, TrainEta: true}}, 64*75 + 8*65 + 1},
		{Frozen{Input: 10, Hidden: 64}, 64 * 11},
		{RNN{Input: 10, Hidden: 64}, 64 * 75},
		{GRU{Input: 10, Hidden: 64}, 3 * 64 * 75},
		{LSTM{Input: 10, Hidden: 64}, 4 * 64 * 75},
	} {
		if got := NewLayout(c.cell.Params()).Trainable(); got != c.want {
			t.Errorf("%+v: %d trainable, want %d", c.cell, got, c.want)
		}
	}
}

// drawn returns initial values of a cell's parameters.
func drawn(c Cell) Values {
	values, rng := Values{}, rand.New(rand.NewPCG(1, 1))
	for _, p := range c.Params() {
		values[p.Name] = make([]float32, p.Size())
		p.Init(rng, values[p.Name])
	}
	return values
}
