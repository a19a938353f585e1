// Package perturb changes an agent's memory or activity while it acts, and counts what that does to its answers.
package perturb

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"engram/drqn"
	"engram/tasks"
)

// Kind is what a Perturbation does.
type Kind string

// The kinds. The state is M for an MPN, h for a GRU or an RNN, and (h, c) for an LSTM.
const (
	Wipe   Kind = "wipe"   // the state becomes 0, once, before the step's observation is read
	Swap   Kind = "swap"   // the state becomes that of the next trial at the same moment, once
	Freeze Kind = "freeze" // writes into the state are discarded, from the step to the end of the trial
	Noise  Kind = "noise"  // Gaussian noise is added to the state, before each step from the step on
	Lesion Kind = "lesion" // units are silent, h_i = 0, from the step on
	Clamp  Kind = "clamp"  // units, or synapses, are held at Value, from the step on
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Wipe, Swap, Freeze, Noise, Lesion, Clamp} }

// Perturbation is a change of the state, or of h, in every trial.
type Perturbation struct {
	Kind Kind
	// When is the moment: the name of a period, whose first step is meant; the number of a step, from 0; or "each", for
	// each step in turn.
	When string
	// Units are the units that are changed: rows of M, or entries of h. Empty: all.
	Units []int
	// Synapses are the entries of M [unit, input] that are changed, besides Units.
	Synapses [][2]int
	Sigma    float64 // standard deviation of Noise
	Value    float64 // of Clamp
	// AtMean lets Clamp hold each unit at its mean over all steps of the intact agent, instead of at Value.
	AtMean bool
	// Until is the moment, a period or a step, before which a perturbation that lasts ends; empty: the trial's end.
	Until string
}

// lasts reports whether the perturbation goes on after its first step.
func (p Perturbation) lasts() bool { return p.Kind != Wipe && p.Kind != Swap }

// Each is the moment that stands for each step in turn.
const Each = "each"

// check returns the entries of the state that are changed, or an error that names what is invalid.
func (p Perturbation) check(policy *drqn.Policy) (entries []int, err error) {
	shape, hidden := policy.StateShape(), policy.Hidden()
	switch {
	case !slices.Contains(Kinds(), p.Kind):
		return nil, fmt.Errorf("unknown perturbation %q: use one of %v", p.Kind, Kinds())
	case p.Kind != Noise && p.Sigma != 0, p.Kind == Noise && !(p.Sigma > 0 && p.Sigma <= math.MaxFloat32):
		return nil, fmt.Errorf("invalid sigma %g of %s: use a number above 0 with noise, and none with others", p.Sigma,
			p.Kind)
	case p.Until != "" && (!p.lasts() || p.Until == Each):
		return nil, fmt.Errorf("invalid end %q of %s: use a period or a step, with %s, %s, %s or %s", p.Until, p.Kind,
			Freeze, Noise, Lesion, Clamp)
	case (p.Value != 0 || p.AtMean) && p.Kind != Clamp, p.Value != 0 && p.AtMean,
		!(math.Abs(p.Value) <= math.MaxFloat32):
		return nil, fmt.Errorf("invalid value %g of %s: use a finite number or the mean with clamp, and none with "+
			"others", p.Value, p.Kind)
	case p.Kind == Clamp && (len(p.Units) == 0) == (len(p.Synapses) == 0), p.AtMean && len(p.Units) == 0:
		return nil, fmt.Errorf("a clamp takes either units or synapses, and a mean only units: use some of 0 to %d",
			hidden-1)
	case p.Kind == Lesion && (len(p.Units) == 0 || len(p.Synapses) > 0):
		return nil, fmt.Errorf("a lesion takes units and no synapses: use some of 0 to %d", hidden-1)
	case p.Kind != Lesion && (p.Kind != Clamp || len(p.Synapses) > 0) && len(shape) == 0:
		return nil, fmt.Errorf("cell %s has no state to change: use a run with another cell", policy.Config().Cell)
	case len(p.Synapses) > 0 && len(shape) != 2:
		return nil, fmt.Errorf("synapses can be chosen in an MPN of one layer: leave them out")
	case len(p.Units) > 0 && p.Kind != Lesion && p.Kind != Clamp && len(shape) == 1 && policy.Config().Cell == "mpn":
		return nil, fmt.Errorf("units can be chosen in an MPN of one layer: leave them out")
	}
	for _, unit := range p.Units {
		if unit < 0 || unit >= hidden {
			return nil, fmt.Errorf("unit %d does not exist: use 0 to %d", unit, hidden-1)
		}
	}
	for _, s := range p.Synapses {
		if s[0] < 0 || s[0] >= shape[0] || s[1] < 0 || s[1] >= shape[1] {
			return nil, fmt.Errorf("synapse %d:%d does not exist: use 0:0 to %d:%d", s[0], s[1], shape[0]-1, shape[1]-1)
		}
	}
	return p.entries(shape, hidden), nil
}

// entries returns the places of what is changed in the state.
func (p Perturbation) entries(shape []int, hidden int) (list []int) {
	size := 1
	for _, n := range shape {
		size *= n
	}
	if len(shape) == 0 {
		size = 0
	}
	all := len(p.Units) == 0 && len(p.Synapses) == 0
	if p.Kind == Clamp { // of units h is held, and not the state's entries
		size = 0
	}
	for i := range size {
		unit := i % hidden // h, and then c or the next layer's h
		if len(shape) == 2 {
			unit = i / shape[1]
		}
		if all || slices.Contains(p.Units, unit) {
			list = append(list, i)
		}
	}
	for _, s := range p.Synapses {
		list = append(list, s[0]*shape[1]+s[1])
	}
	return list
}

// moment is the step of a perturbation: of every trial, or the first of a period.
type moment struct {
	step   int
	period string
	end    *moment // before which what lasts ends; nil: the trial's end
}

// parse returns the moments of a When, given the periods of a trial and the length of the longest.
func parse(when string, periods []tasks.Period, longest int) ([]moment, error) {
	var names []string
	for _, p := range periods {
		if p.Name == when {
			return []moment{{step: p.Start, period: when}}, nil
		}
		names = append(names, p.Name)
	}
	if when == Each {
		all := make([]moment, longest)
		for step := range all {
			all[step].step = step
		}
		return all, nil
	}
	if step, err := strconv.Atoi(when); err == nil && step >= 0 && step < longest {
		return []moment{{step: step}}, nil
	}
	return nil, fmt.Errorf("unknown moment %q: use a period (%s), a step from 0 to %d, or %s", when,
		strings.Join(names, ", "), longest-1, Each)
}

// parseEnd returns the moment of an Until, nil if it is empty.
func parseEnd(until string, periods []tasks.Period, longest int) (*moment, error) {
	if until == "" {
		return nil, nil
	}
	moments, err := parse(until, periods, longest)
	if err != nil {
		return nil, err
	}
	return &moments[0], nil
}

// at returns the moment's step in a trial.
func (m moment) at(trial *tasks.Trial) int {
	if m.period == "" {
		return m.step
	}
	return trial.Period(m.period).Start
}
