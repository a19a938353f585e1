package search

import (
	"fmt"
	"math"
	"slices"

	"engram/internal/numbers"
)

// Report is a loss on the way: what a trial had after a step, lower is better.
type Report struct {
	Step int64
	Loss float64
}

// Curve are the reports of one trial, steps rising.
type Curve []Report

// Rule says when an unpromising trial is stopped. The zero Rule stops none.
type Rule struct {
	// Kind is "" or "none"; "median", which stops a trial whose best loss so far is above the median of what the others
	// had at the same step (Golovin et al. 2017, section 3.2.2); or "asha", successive halving without waiting (Li et
	// al. 2020, algorithm 2): at each rung only the best 1/Factor of all trials that came there go on.
	Kind string `json:"kind,omitempty"`
	// Warmup is the step before which the median stops no trial.
	Warmup int64 `json:"warmup,omitempty"`
	// Startup is the number of other trials with a report at the step that the median needs; 0 means 4.
	Startup int `json:"startup,omitempty"`
	// First is the step of asha's first rung; the others follow by factors of Factor.
	First int64 `json:"first,omitempty"`
	// Factor is asha's reduction; 0 means 3.
	Factor int `json:"factor,omitempty"`
	// Patience spares a trial that improved within its last so many reports; with kind none, a trial that did not is
	// stopped. 0: no patience.
	Patience int `json:"patience,omitempty"`
}

// Check returns an error that names what is impossible.
func (r Rule) Check() error {
	if r.Warmup < 0 || r.Startup < 0 || r.First < 0 || r.Factor < 0 || r.Patience < 0 {
		return fmt.Errorf("pruner %s has a negative number: choose 0 or more", r.Kind)
	}
	switch r.Kind {
	case "", "none", "asha":
		if r.Warmup != 0 || r.Startup != 0 {
			return fmt.Errorf("pruner %s has no warmup and no startup: leave them out, or choose median", r.Kind)
		}
	case "median":
	default:
		return fmt.Errorf("pruner %q is unknown: choose none, median or asha", r.Kind)
	}
	if r.Kind != "asha" && (r.First != 0 || r.Factor != 0) {
		return fmt.Errorf("pruner %s has no first and no factor: leave them out, or choose asha", r.Kind)
	}
	if r.Kind == "asha" && (r.First < 1 || r.Factor == 1) {
		return fmt.Errorf("pruner asha with first %d and factor %d is impossible: choose a first rung of 1 or more, and a factor of 2 or more (0 means 3)", r.First, r.Factor)
	}
	return nil
}

// Judge returns why a trial should be stopped after its last report, given the curves of others; "" lets it go on. The
// text compares scores without showing a loss, whose sign a reader would not know.
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

// improvedWithin says whether the best loss is among the last n reports, or there are no more.
func (c Curve) improvedWithin(n int) bool {
	if len(c) <= n {
		return true
	}
	return c[len(c)-n:].best() < c[:len(c)-n].best()
}

// best is the lowest loss that is a number.
func (c Curve) best() float64 {
	lowest := math.Inf(1)
	for _, r := range c {
		if r.Loss < lowest {
			lowest = r.Loss
		}
	}
	return lowest
}

// from is the first report at a step or after it.
func (c Curve) from(step int64) (Report, bool) {
	i := slices.IndexFunc(c, func(r Report) bool { return r.Step >= step })
	if i < 0 {
		return Report{}, false
	}
	return c[i], true
}

// lossesAt are the losses that curves had at a step or first after it.
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
		return fmt.Sprintf("its score has rank %d of %d at step %d, and ranks up to %d go on", ahead+1, len(losses)+1,
			rung, stay)
	}
	return ""
}
