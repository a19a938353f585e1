package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// State is what a sampler knows of a trial.
type State string

// The states of a trial.
const (
	Complete State = "complete" // it has a loss
	Pruned   State = "pruned"   // it was stopped as unpromising, after Step; it may have a loss
	Pending  State = "pending"  // it is being tried
	Failed   State = "failed"   // it gave no result
)

// Observation is what a sampler knows of another trial.
type Observation struct {
	Trial int // its number, from 0
	Point Point
	State State
	Loss  float64 // lower is better; NaN where it is missing
	Step  int64   // of the last report of a pruned trial
}

// Sampler proposes points.
type Sampler interface {
	// Suggest returns the point of a trial, given other trials in the order of their numbers.
	Suggest(trial int, seen []Observation) (Point, error)
	// Uses reports whether the point depends on the observations.
	Uses() bool
}

// Method is the choice of a sampler and its settings. Zero values mean the defaults.
type Method struct {
	Kind string `json:"kind"`
	// Startup is the number of quasi-random trials before TPE models the space; 0 means DefaultStartup.
	Startup int `json:"startup,omitempty"`
	// Candidates is the number of points from which TPE chooses one; 0 means DefaultCandidates, or more where many
	// parameters are drawn together.
	Candidates int `json:"candidates,omitempty"`
}

// maxCandidates bounds the memory and time of a suggestion.
const maxCandidates = 100_000

// Kinds returns the names of the samplers.
func Kinds() []string { return []string{"grid", "random", "halton", "tpe"} }

// Check returns an error that names the first invalid part of the method and the remedy.
func (m Method) Check() error {
	if !slices.Contains(Kinds(), m.Kind) {
		return fmt.Errorf("sampler %q is unknown: use %s", m.Kind, strings.Join(Kinds(), ", "))
	}
	if m.Kind != "tpe" && (m.Startup != 0 || m.Candidates != 0) {
		return fmt.Errorf("sampler %s has no startup and no candidates: leave them out, or use tpe", m.Kind)
	}
	if m.Startup < 0 || m.Candidates < 0 || m.Candidates > maxCandidates {
		return fmt.Errorf("invalid sampler tpe with startup %d and %d candidates: use 1 or more, %d candidates at "+
			"most, or 0 for the defaults", m.Startup, m.Candidates, maxCandidates)
	}
	return nil
}

// New returns the method's sampler over a space; the same seed gives the same suggestions.
func (m Method) New(space Space, seed uint64) (Sampler, error) {
	if err := space.Check(); err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	switch m.Kind {
	case "grid":
		return newGrid(space)
	case "random":
		return newDistinct(space, Random{space, seed}, seed), nil
	case "halton":
		return newDistinct(space, newHalton(space, seed), seed), nil
	}
	return newDistinct(space, newTPE(space, seed, m), seed), nil
}

// Random draws each parameter evenly over its range.
type Random struct {
	space Space
	seed  uint64
}

// Suggest implements Sampler; the point depends only on the trial's number.
func (r Random) Suggest(trial int, _ []Observation) (Point, error) {
	rng := rand.New(rand.NewPCG(r.seed, uint64(trial)))
	u := make([]float64, len(r.space))
	for i := range u {
		u[i] = rng.Float64()
	}
	return r.space.At(u), nil
}

// Uses implements Sampler.
func (Random) Uses() bool { return false }
