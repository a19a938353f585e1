package mpn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// variants returns all combinations of plasticity, form, and a bound or none, with every shape of eta and of lambda
// among them.
func variants(hidden, input int) []Variant {
	var (
		shapes = []Shape{ShapeScalar, ShapeRow, ShapeColumn, ShapeFull}
		all    []Variant
	)
	for _, plasticity := range []Plasticity{PlasticityHebbian, PlasticityPresynaptic, PlasticityPostsynaptic} {
		for _, form := range []Form{FormMultiplicative, FormAdditive} {
			for _, bound := range []float64{0, 0.5} {
				n := len(all)
				all = append(all, Variant{
					Plain: MPN{Input: input, Hidden: hidden, Eta: 0.2, Lambda: 0.9, TrainEta: true,
						TrainLambda: true},
					Plasticity: plasticity, Form: form, EtaShape: shapes[n%4], LambdaShape: shapes[(n+n/4)%4],
					Bound: bound,
				})
			}
		}
	}
	return all
}

func (c Variant) label() string {
	return fmt.Sprintf("%s %s %s %s %v", c.Plasticity, c.Form, c.EtaShape, c.LambdaShape, c.Bound)
}

// slowVariant returns the oracle's cell. If seen is not nil, it is called with each entry of M before clipping.
func slowVariant(c Variant, seen func(m float64)) slow {
	return func(params member, x [][]float64, valid []bool, start []float64) (h [][]float64, final []float64) {
		hidden, input := c.Plain.Hidden, c.Plain.Input
		cell := oracle.Variant{
			W: matrix(params["W"], hidden, input), B: params["b"],
			Eta:    spreadOut(c.EtaShape, params["eta"], hidden, input),
			Lambda: spreadOut(c.LambdaShape, params["lambda"], hidden, input),
			Post:   c.Plasticity != "presynaptic", Pre: c.Plasticity != "postsynaptic",
			Additive: c.Form == "additive", Bound: c.Bound, Seen: seen,
		}
		if gate := c.Plain.Forget; gate.Shape != "" {
			cell.Forget = &oracle.Forget{F: matrix(params["forget_w"], len(params["forget_b"]), input),
				B: params["forget_b"], Gain: gate.Gain}
		}
		h, m := cell.Run(x, valid, matrix(start, hidden, input))
		for i := range m {
			final = append(final, m[i]...)
		}
		return h, final
	}
}

// spreadOut returns a parameter of a shape as [H][I].
func spreadOut(s Shape, values []float64, hidden, input int) [][]float64 {
	at := map[Shape]func(i, j int) float64{
		"scalar": func(i, j int) float64 { return values[0] },
		"row":    func(i, j int) float64 { return values[i] },
		"column": func(i, j int) float64 { return values[j] },
		"full":   func(i, j int) float64 { return values[i*input+j] },
	}[s]
	m := make([][]float64, hidden)
	for i := range m {
		for j := range input {
			m[i] = append(m[i], at(i, j))
		}
	}
	return m
}

// smoothTrial returns the first trial of the variant in which no entry of M comes near the clip's kinks, where finite
// differences mean nothing.
func smoothTrial(t *testing.T, c Variant) *trial {
	t.Helper()
	for seed := uint64(1); seed < 1000; seed++ {
		within, beyond, near := 0, 0, 0
		p := newTrial(seed, c, slowVariant(c, func(m float64) {
			switch distance := math.Abs(m) - c.Bound; {
			case c.Bound == 0:
			case math.Abs(distance) < 1e-3:
				near++
			case distance > 0:
				beyond++
			default:
				within++
			}
		}))
		p.oracle()
		if c.Bound == 0 || near == 0 && beyond > 20 && within > 20 {
			p.slow = slowVariant(c, nil)
			return p
		}
	}
	t.Fatal("every trial comes near the bound")
	return nil
}

// variantsOn returns the variants that are tried on a backend: where each is compiled for seconds, a third of them,
// which has every plasticity, form and shape of eta, with a bound and without. TestGatedVariants has another third, and
// the other shapes of lambda.
func variantsOn(b compute.Backend, hidden, input int) (some []Variant) {
	for i, c := range variants(hidden, input) {
		if !backendtest.Compiles(b) || i%3 == 2 {
			some = append(some, c)
		}
	}
	return some
}

// TestVariant compares every variant with the oracle: forward, in every gradient, over padding and from zero.
func TestVariant(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range variantsOn(b, 4, 3) {
			t.Run(c.label(), func(t *testing.T) {
				p := smoothTrial(t, c)
				evaluate := p.evaluator(t, b)
				p.check(t, evaluate)
				p.checkPadding(t, evaluate)
			})
		}
	})
}

func TestVariantZeroStart(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		c := variants(4, 3)[7]
		newTrial(1, c, slowVariant(c, nil)).checkZeroStart(t, b)
	})
}

// TestVariantIsMPN checks that with plain options a variant is the MPN, in its chunked form.
func TestVariantIsMPN(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		plain := MPN{Input: 3, Hidden: 4}
		variant := newTrial(1, plain.AsVariant(), nil).evaluator(t, b)()
		mpn := newTrial(1, plain, nil)
		want := mpn.evaluator(t, b)()
		closeTo(t, "h", mpn.masked(variant.h), mpn.masked(want.h), 1e-12)
		closeTo(t, "final", variant.final, want.final, 1e-12)
		for i := range want.gradients {
			closeTo(t, "gradient of "+mpn.names()[i], variant.gradients[i], want.gradients[i], 1e-12)
		}
		for i := range want.byMethod {
			closeTo(t, "Gradient of "+mpn.names()[i], variant.byMethod[i], want.byMethod[i], 1e-12)
		}
	})
}

// TestUnknownOption checks that an option that does not exist is a programmer's error, in either form of the cell.
func TestUnknownOption(t *testing.T) {
	for name, edit := range map[string]func(*Variant){
		"plasticity": func(c *Variant) { c.Plasticity = "" },
		"form":       func(c *Variant) { c.Form = "" },
		"eta":        func(c *Variant) { c.EtaShape = "matrix" },
		"lambda":     func(c *Variant) { c.LambdaShape = "" },
	} {
		t.Run(name, func(t *testing.T) {
			c := MPN{Input: 1, Hidden: 1}.AsVariant()
			edit(&c)
			one := []float32{1}
			mustPanic(t, name, func() { c.NewStepper(Values{"W": one, "b": one, "eta": one, "lambda": one}) })
		})
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}
