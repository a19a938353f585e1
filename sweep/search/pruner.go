package search

import (
	"fmt"
	"math"
	"slices"

	"engram/internal/numbers"
)

// Report is the loss that a trial had after a step; lower is better.
type Report struct {
	Step int64
	Loss float64
}

// Curve holds the reports of one trial in the order of their steps.
type Curve []Report

// Rule decides when an unpromising trial is stopped. The zero Rule stops none.
type Rule struct {
	// Kind is "" or "none"; "median", which stops a trial whose best loss so far is above the median loss of the others
	// at the same step (Golovin et al. 2017, section 3.2.2); or "asha", asynchronous successive halving (Li et al.
	// 2020, algorithm 2): at each rung, only the best 1/Factor of all trials that reached it continue.
	Kind string `json:"kind,omitempty"`
	// Warmup is the step before which "median" stops no trial.
	Warmup int64 `json:"warmup,omitempty"`
	// Startup is the number of other trials with a report at the step that "median" needs; 0 means 4.
	Startup int `json:"startup,omitempty"`
	// First is the step of the first rung of "asha"; each further rung is Factor times as far.
	First int64 `json:"first,omitempty"`
	// Factor is the reduction of "asha" at each rung; 0 means 3.
	Factor int `json:"factor,omitempty"`
	// Patience spares a trial that improved within its last Patience reports; kind "none" stops a trial that did not. 0
	// spares none.
	Patience int `json:"patience,omitempty"`
}

// Check returns an error that names the first invalid part of the rule and the remedy.
func (r Rule) Check() error {
	if r.Warmup < 0 || r.Startup < 0 || r.First < 0 || r.Factor < 0 || r.Patience < 0 {
		return fmt.Errorf("pruner %s has a negative number: use 0 or more", r.Kind)
	}
	switch r.Kind {
	case "", "none", "asha":
		if r.Warmup != 0 || r.Startup != 0 {
			return fmt.Errorf("pruner %s has no warmup and no startup: leave them out, or use median", r.Kind)
		}
	case "median":
	default:
		return fmt.Errorf("pruner %q is unknown: use none, median or asha", r.Kind)
	}
	if r.Kind != "asha" && (r.First != 0 || r.Factor != 0) {
		return fmt.Errorf("pruner %s has no first and no factor: leave them out, or use asha", r.Kind)
	}
	if r.Kind == "asha" && (r.First < 1 || r.Factor == 1) {
		return fmt.Errorf("invalid pruner asha with first %d and factor %d: use a first rung of 1 or more, and a "+
			"factor of 2 or more (0 means 3)", r.First, r.Factor)
	}
	return nil
}

// Judge returns why a trial should be stopped after its last report, given the curves of others; "" where it should
// continue. The text shows no loss, whose sign a reader would not expect.
func (r Rule) Judge(own Curve, others []Curve) (why string) {
	if len(own) == 0 || r.Patience > 0 && own.improvedWithin(r.Patience) {
		return ""
	}
	switch r.Kind {
	case "median":
		return r.median(own, others)
	case "asha":
		return r.halving(own, others)
	}
	if r.Patience > 0 {
		return fmt.Sprintf("no better for %d reports", r.Patience)
	}
	return ""
}

// improvedWithin reports whether the best loss is among the last n reports, or there are no others.
func (c Curve) improvedWithin(n int) bool {
	if len(c) <= n {
		return true
	}
	return c[len(c)-n:].best() < c[:len(c)-n].best()
}

// best returns the lowest loss that is not NaN; +Inf without one.
func (c Curve) best() float64 {
	lowest := math.Inf(1)
	for _, r := range c {
		if r.Loss < lowest {
			lowest = r.Loss
		}
	}
	return lowest
}

// from returns the first report at a step or after it.
func (c Curve) from(step int64) (Report, bool) {
	i := slices.IndexFunc(c, func(r Report) bool { return r.Step >= step })
	if i < 0 {
		return Report{}, false
	}
	return c[i], true
}

// lossesAt returns, sorted, the first loss of each curve at a step or after it, without NaN.
func lossesAt(curves []Curve, step int64) []float64 {
	var losses []float64
	for _, c := range curves {
		if at, ok := c.from(step); ok && !math.IsNaN(at.Loss) {
			losses = append(losses, at.Loss)
		}
	}
	slices.Sort(losses)
	return losses
}

// median judges a trial by the median of the others at its last step.
func (r Rule) median(own Curve, others []Curve) string {
	step := own[len(own)-1].Step
	startup := r.Startup
	if startup == 0 {
		startup = 4
	}
	losses := lossesAt(others, step)
	if step < r.Warmup || len(losses) < startup {
		return ""
	}
	if own.best() > numbers.Median(losses) {
		return fmt.Sprintf("its best score is worse than the median of %d others at step %d", len(losses), step)
	}
	return ""
}

// halving judges a trial at the first report that reaches a rung.
func (r Rule) halving(own Curve, others []Curve) string {
	factor := int64(r.Factor)
	if factor == 0 {
		factor = 3
	}
	last := own[len(own)-1]
	rung := r.First
	for rung <= last.Step/factor {
		rung *= factor
	}
	if at, reached := own.from(rung); !reached || at.Step != last.Step {
		return ""
	}
	losses := lossesAt(others, rung)
	ahead, _ := slices.BinarySearch(losses, last.Loss)
	if math.IsNaN(last.Loss) {
		ahead = len(losses)
	}
	if stay := max(1, (len(losses)+1)/int(factor)); ahead >= stay {
		return fmt.Sprintf("its score has rank %d of %d at step %d, and ranks up to %d continue", ahead+1,
			len(losses)+1, rung, stay)
	}
	return ""
}
