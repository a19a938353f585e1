package mpn

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// gates returns a gate of each shape.
func gates() []Gate {
	return []Gate{{Shape: ShapeScalar, Bias: 2, Scale: 2, Gain: 3}, {Shape: ShapeRow, Bias: 2, Scale: 2, Gain: 3}}
}

// gatedTrial returns a trial of the gated cell, with the oracle's.
func gatedTrial(seed uint64, c MPN) *trial {
	return newTrial(seed, c, slowVariant(c.AsVariant(), nil))
}

// TestGated compares the gated cell, for every kind of chunk, with the oracle: forward, in every gradient, over padding
// and from zero.
func TestGated(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, gate := range gates() {
			for _, chunk := range chunksOn(b, 1, 3, 100) {
				t.Run(fmt.Sprintf("%s chunk %d", gate.Shape, chunk), func(t *testing.T) {
					p := gatedTrial(1, MPN{Input: 3, Hidden: 4, Forget: gate, Chunk: chunk})
					evaluate := p.evaluator(t, b)
					p.check(t, evaluate)
					p.checkPadding(t, evaluate)
					p.checkZeroStart(t, b)
				})
			}
		}
	})
}

// TestGatedVariants checks the gate together with every other option of the step-by-step form.
func TestGatedVariants(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for i, c := range variants(4, 3) {
			if i%3 != 0 {
				continue
			}
			c.Plain.Forget = gates()[i%2]
			t.Run(c.label(), func(t *testing.T) {
				p := smoothTrial(t, c)
				p.check(t, p.evaluator(t, b))
			})
		}
	})
}

// TestGatedFormsAgree compares the chunked form with the step-by-step form over a longer window, also where gates are
// shut (lambda_t = 0 exactly), where they are open, and where eta = 0.
func TestGatedFormsAgree(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, gate := range gates() {
			for name, edit := range map[string]func(p *trial){
				"as drawn": func(*trial) {},
				"shut":     func(p *trial) { fill(p.params[5], -1e4) },
				"open":     func(p *trial) { fill(p.params[5], 1e4) },
				"eta 0":    func(p *trial) { clear(p.params[2]) },
			} {
				t.Run(fmt.Sprintf("%s %s", gate.Shape, name), func(t *testing.T) {
					c := MPN{Input: 3, Hidden: 4, Forget: gate, Chunk: 3}
					chunked, stepped := gatedTrial(2, c), gatedTrial(2, c)
					stepped.cell = c.AsVariant()
					edit(chunked)
					edit(stepped)
					got, want := chunked.evaluator(t, b)(), stepped.evaluator(t, b)()
					closeTo(t, "h", chunked.masked(got.h), chunked.masked(want.h), 1e-12)
					closeTo(t, "final", got.final, want.final, 1e-12)
					for i := range want.gradients {
						closeTo(t, "gradient of "+chunked.names()[i], got.gradients[i], want.gradients[i], 1e-12)
					}
					for i := range want.byMethod {
						closeTo(t, "Gradient of "+chunked.names()[i], got.byMethod[i], want.byMethod[i], 1e-12)
					}
				})
			}
		}
	})
}

// TestGatedStepper compares the gated cell's steps for acting with the oracle, and with the variant's stepper to the
// last bit; the weights may change between two steps.
func TestGatedStepper(t *testing.T) {
	for _, gate := range gates() {
		c := MPN{Input: 3, Hidden: 4, Eta: 0.4, Lambda: 0.9, Forget: gate}
		const steps = 30
		values, rng := drawn(c), rand.New(rand.NewPCG(2, 2))
		Normal(0.5)(rng, values["b"])
		Normal(0.5)(rng, values["forget_b"])
		fast, general := c.NewStepper(values), c.AsVariant().NewStepper(values)
		decays := NewDecays(Layers{c, MPN{Input: 4, Hidden: 1}}, prefixed("1.", values))
		values["lambda"][0], values["eta"][0] = 0.7, 0.3
		params, valid := member{}, make([]bool, steps)
		for name, value := range values {
			params[name] = float64s(value)
		}
		var xs [][]float64
		m, other, h, otherH := make([]float32, 12), make([]float32, 12), make([]float32, 4), make([]float32, 4)
		for step := range steps {
			x := make([]float32, 3)
			Normal(1)(rng, x)
			xs, valid[step] = append(xs, float64s(x)), true
			fast.Step(x, m, h)
			general.Step(x, other, otherH)
			closeTo(t, "h and the variant's", h, otherH, 0)
			want, final := slowVariant(c.AsVariant(), nil)(params, xs, valid[:step+1], make([]float64, 12))
			closeTo(t, "h", float64s(h), want[step], 1e-6)
			closeTo(t, "M", float64s(m), final, 1e-6)
			open := oracle.Forget{F: matrix(params["forget_w"], len(params["forget_b"]), 3), B: params["forget_b"],
				Gain: gate.Gain}
			for r, got := range decays.Read(x) {
				closeTo(t, "lambda_t", []float64{float64(got)}, []float64{0.7 * open.Open(r, xs[step])}, 1e-6)
			}
		}
		x := []float32{1, 2, 3}
		if n := testing.AllocsPerRun(10, func() { decays.Read(x) }); n != 0 {
			t.Errorf("reading the decays allocates %v times", n)
		}
	}
	if NewDecays(MPN{Input: 3, Hidden: 4}, nil) != nil || NewDecays(GRU{Input: 3, Hidden: 4}, nil) != nil {
		t.Error("a cell without a gate has decays")
	}
}

// Where the connections of one gate differ in lambda, lambda_t has their mean.
func TestDecaysOfShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gate, shape Shape
		lambda      []float32
		want        []float32
	}{
		{ShapeScalar, ShapeRow, []float32{0.2, 0.4}, []float32{0.15}},
		{ShapeScalar, ShapeColumn, []float32{0.1, 0.2, 0.6}, []float32{0.15}},
		{ShapeRow, ShapeRow, []float32{0.2, 0.4}, []float32{0.1, 0.2}},
		{ShapeRow, ShapeColumn, []float32{0.1, 0.2, 0.6}, []float32{0.15, 0.15}},
		{ShapeRow, ShapeFull, []float32{0, 0.2, 0.4, 0.6, 0.8, 1}, []float32{0.1, 0.4}},
		{ShapeScalar, ShapeFull, []float32{0, 0.2, 0.4, 0.6, 0.8, 1}, []float32{0.25}},
	} {
		v := MPN{Input: 3, Hidden: 2, Forget: Gate{Shape: c.gate, Gain: 1}}.AsVariant()
		v.LambdaShape = c.shape
		values := drawn(v)
		values["lambda"] = c.lambda
		closeTo(t, string(c.gate)+" "+string(c.shape), NewDecays(v, values).Read([]float32{1, 2, 3}), c.want, 1e-6)
	}
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

func prefixed(prefix string, values Values) Values {
	named := Values{}
	for name, value := range values {
		named[prefix+name] = value
	}
	return named
}

func fill(numbers []float64, value float64) {
	for i := range numbers {
		numbers[i] = value
	}
}

// TestGateAtTheStart checks that the gain changes no logit before training, and that there are R(I+1) parameters more.
func TestGateAtTheStart(t *testing.T) {
	plain := NewLayout(MPN{Input: 3, Hidden: 4}.Params()).Trainable()
	for shape, rows := range map[Shape]int{ShapeScalar: 1, ShapeRow: 4} {
		c := MPN{Input: 3, Hidden: 4, Forget: Gate{Shape: shape, Bias: 2, Scale: 0, Gain: 5}}
		if got := NewLayout(c.Params()).Trainable() - plain; got != rows*4 {
			t.Errorf("%s: %d parameters more, want %d", shape, got, rows*4)
		}
		values := Values{}
		for _, p := range c.Params() {
			values[p.Name] = make([]float32, p.Size())
			p.Init(rand.New(rand.NewPCG(1, 1)), values[p.Name])
		}
		step := c.Forget.newStep(values)
		step.read([]float32{1, 2, 3})
		closeTo(t, "gate", []float32{step.at(0), step.at(3)}, []float32{sigmoid(2), sigmoid(2)}, 1e-6)
	}
}
