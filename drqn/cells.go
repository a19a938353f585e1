package drqn

import (
	"fmt"
	"slices"
	"strings"

	"engram/mpn"
)

// CellNames lists the recurrent cells: "mpn"; "frozen", the same with M = 0; and "rnn", "gru", "lstm".
func CellNames() []string { return []string{"mpn", "frozen", "rnn", "gru", "lstm"} }

// plastic reports whether the cell has a plasticity rate and a decay.
func (c Config) plastic() bool { return c.Cell == "mpn" }

// cell returns the config's recurrent cell for so many inputs, of one layer or of two.
func (c Config) cell(input int) (mpn.Cell, error) {
	first, err := c.layer(input)
	if err != nil || c.Layers < 2 {
		return first, err
	}
	second, err := c.layer(c.Hidden)
	return mpn.Layers{First: first, Second: second}, err
}

// layer returns one layer of the config's cell.
func (c Config) layer(input int) (mpn.Cell, error) {
	cells := []mpn.Cell{
		c.plasticLayer(input),
		mpn.Frozen{Input: input, Hidden: c.Hidden},
		mpn.RNN{Input: input, Hidden: c.Hidden},
		mpn.GRU{Input: input, Hidden: c.Hidden},
		mpn.LSTM{Input: input, Hidden: c.Hidden},
	}
	if i := slices.Index(CellNames(), c.Cell); i >= 0 {
		return cells[i], nil
	}
	return nil, fmt.Errorf("cell %q is unknown: use one of %s", c.Cell, strings.Join(CellNames(), ", "))
}

// Gated reports whether the decay of M has a gate.
func (c Config) Gated() bool { return c.plastic() && c.ForgetGate != ForgetNone }

// gate returns the gate of M's decay.
func (c Config) gate() mpn.Gate {
	if !c.Gated() {
		return mpn.Gate{}
	}
	return mpn.Gate{Shape: mpn.Shape(c.ForgetGate), Bias: c.ForgetBias, Scale: c.ForgetScale, Gain: c.ForgetGain}
}

// withUsual returns a config in which what it does not use has the usual value, for the case that it is chosen: a
// gate's bias, scale and gain, and the upper bound of a trained lambda.
func (c Config) withUsual() Config {
	if !c.Gated() {
		c.ForgetBias, c.ForgetScale, c.ForgetGain = 2, 2, 5
	}
	if !c.TrainLambda {
		c.LambdaMax = 0.99
	}
	return c
}

// isVariant reports whether the cell is a plastic one whose options the MPN does not have.
func (c Config) isVariant() bool {
	_, variant := c.plasticLayer(1).(mpn.Variant)
	return c.plastic() && variant
}

// plasticLayer returns the MPN where the options are its own, because it is faster than the general variant; else the
// variant.
func (c Config) plasticLayer(input int) mpn.Cell {
	plain := mpn.MPN{Input: input, Hidden: c.Hidden, Eta: c.Eta, Lambda: c.Lambda, TrainEta: c.TrainEta,
		TrainLambda: c.TrainLambda, Forget: c.gate()}
	variant := mpn.Variant{Plain: plain, Plasticity: c.Plasticity, Form: c.Form, EtaShape: c.EtaShape,
		LambdaShape: c.LambdaShape, Bound: c.MemoryBound}
	if variant == plain.AsVariant() {
		return plain
	}
	return variant
}
