package mpn

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"engram/internal/backend/backendtest"
)

// twoVariants returns two layers of different variants, and the oracle's chain of them.
func twoVariants() (Layers, slow) {
	first, second := variants(4, 3)[6], variants(2, 4)[8] // without bounds
	slowFirst, slowSecond := slowVariant(first, nil), slowVariant(second, nil)
	return Layers{first, second}, func(params member, x [][]float64, valid []bool, start []float64) (h [][]float64,
		final []float64) {
		h, final = slowFirst(params.layer("1."), x, valid, start[:12])
		h, finalSecond := slowSecond(params.layer("2."), h, valid, start[12:])
		return h, append(final, finalSecond...)
	}
}

// TestLayers compares two layers with two cells of the oracle, the one reading the other.
func TestLayers(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		cell, run := twoVariants()
		p := newTrial(1, cell, run)
		evaluate := p.evaluator(t, b)
		p.check(t, evaluate)
		p.checkPadding(t, evaluate)
		p.checkZeroStart(t, b)
	})
}

// TestLayersByHand checks that two layers are the one cell run on h of the other, for any two cells, those without a
// state among them, and that the gradients by all parameters are those by hand.
func TestLayersByHand(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []Layers{
			{MPN{Input: 3, Hidden: 4}, MPN{Input: 4, Hidden: 4}},
			{Frozen{Input: 3, Hidden: 4}, RNN{Input: 4, Hidden: 5}},
			{RNN{Input: 3, Hidden: 4}, Frozen{Input: 4, Hidden: 2}},
		} {
			t.Run(c.Name(), func(t *testing.T) { compareByHand(t, b, c) })
		}
	})
}

func compareByHand(t *testing.T, b compute.Backend, c Layers) {
	p := newTrial(1, c, nil)
	got := p.evaluator(t, b)()
	count := len(p.params)
	out := run[float64](t, b, func(in []*Node) []*Node {
		params := [2]Nodes{{}, {}}
		for i, param := range c.Params() {
			params[param.Name[0]-'1'][param.Name[2:]] = in[i]
		}
		x, start, weight, weightFinal, valid := in[count], in[count+1], in[count+2], in[count+3], in[count+4]
		_, _, split := c.First.Sizes()
		var starts [2]*Node
		if split > 0 {
			starts[0] = SliceAxis(start, -1, AxisRange(0, split))
		}
		if split < p.s {
			starts[1] = SliceAxis(start, -1, AxisRange(split))
		}
		first := c.First.Unroll(params[0], x, valid, starts[0])
		second := c.Second.Unroll(params[1], first.H, valid, starts[1])
		var finals []*Node
		for _, final := range []*Node{first.Final, second.Final} {
			if final != nil {
				finals = append(finals, final)
			}
		}
		final := Concatenate(finals, -1)
		scalar := Add(ReduceAllSum(Mul(second.H, weight)), ReduceAllSum(Mul(final, weightFinal)))
		return append([]*Node{second.H, final}, Gradient(scalar, in[:count+2]...)...)
	}, p.inputs())
	closeTo(t, "h", p.masked(got.h), p.masked(out[0]), 1e-12)
	closeTo(t, "final", got.final, out[1], 1e-12)
	for i, want := range out[2:] {
		closeTo(t, "gradient of "+p.names()[i], got.gradients[i], want, 1e-12)
	}
	for i, want := range got.byH {
		closeTo(t, "Gradient of "+p.names()[i], got.byMethod[i], want, 1e-12)
	}
}

// TestLayersMisfit checks that a second layer that does not fit is a programmer's error.
func TestLayersMisfit(t *testing.T) {
	c := Layers{RNN{Input: 3, Hidden: 4}, RNN{Input: 3, Hidden: 4}}
	mustPanic(t, "Sizes", func() { c.Sizes() })
	mustPanic(t, "Params", func() { c.Params() })
	mustPanic(t, "NewStepper", func() { c.NewStepper(Values{}) })
}
