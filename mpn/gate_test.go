package mpn

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend/backendtest"
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
			for _, chunk := range []int{1, 3, 100} {
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

func fill(numbers []float64, value float64) {
	for i := range numbers {
		numbers[i] = value
	}
}

// TestGateAtTheStart checks that the gain changes no logit before training, and that there are R(I+1) parameters more.
func TestGateAtTheStart(t *testing.T) {
	plain := CountTrainable(MPN{Input: 3, Hidden: 4}.Params())
	for shape, rows := range map[Shape]int{ShapeScalar: 1, ShapeRow: 4} {
		c := MPN{Input: 3, Hidden: 4, Forget: Gate{Shape: shape, Bias: 2, Scale: 0, Gain: 5}}
		if got := CountTrainable(c.Params()) - plain; got != rows*4 {
			t.Errorf("%s: %d parameters more, want %d", shape, got, rows*4)
		}
		values := Values{}
		for _, p := range c.Params() {
			values[p.Name] = make([]float32, p.Size())
			p.Init(rand.New(rand.NewPCG(1, 1)), values[p.Name])
		}
		step := c.Forget.newStep(values, c.Hidden)
		step.read([]float32{1, 2, 3})
		closeTo(t, "gate", []float32{step.at(0), step.at(3)}, []float32{sigmoid(2), sigmoid(2)}, 1e-6)
	}
}
