package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"engram/drqn"
	"engram/sweep/search"
)

// Goal says what is optimised.
type Goal struct {
	// Kind is "train", which trains agents, or "function", a function with a known minimum to try sweeps on.
	Kind string `json:"kind"`

	// Of kind train: a preset and hyperparameters over it, which the space's parameters override.
	Preset string   `json:"preset,omitempty"` // "" means default
	Set    Settings `json:"set,omitempty"`
	// Measure is the value of a trial: "last", the share of the ceiling at the end, over fresh trials (the default), or
	// the mean return where the environment has no ceiling; "best", the best of a periodic evaluation; or "updates_to",
	// the updates after which an evaluation first reached Threshold; a run that never does counts as twice its updates.
	Measure   string  `json:"measure,omitempty"`
	Threshold float64 `json:"threshold,omitempty"` // share of the ceiling, of updates_to; 0 means 0.95
	// Seeds is the number of agents of a trial, whose interquartile mean is its value; 0 means 1.
	Seeds int `json:"seeds,omitempty"`

	// Of kind function: its name, the number of reports of a trial and the time until each.
	Function     string  `json:"function,omitempty"`
	Steps        int     `json:"steps,omitempty"`
	Milliseconds float64 `json:"milliseconds,omitempty"`

	// Constraints. A trial that takes more is infeasible; 0 means no constraint.
	MaxSeconds float64 `json:"max_seconds,omitempty"` // of an attempt; in a pack, its share of the pack's time
	// MaxMemoryMB is of the worker's process, resident, without what trials before it left there.
	MaxMemoryMB float64 `json:"max_memory_mb,omitempty"`
}

// Settings are hyperparameters by name, as texts; a file may also hold numbers, truth values and objects.
type Settings = drqn.Settings

// objective carries attempts at trials out.
type objective interface {
	// check returns an error where a point cannot be carried out.
	check(search.Point) error
	// measures describes its values and scores.
	measures() Measures
	// config returns the hyperparameters of a point's agent of one seed, from 0; an error where no agents train.
	config(p search.Point, seed int) (drqn.Config, error)
	// key returns a text that is equal for points that can be carried out together.
	key(search.Point) string
	// steps returns the step of the last report of a complete trial; 0: it reports none.
	steps(search.Point) int64
	// reached returns the step of the checkpoint, in a trial's directory, that its next attempt resumes from; 0: it
	// starts over.
	reached(runs string) int64
	// run carries attempts of the same key out together and finishes each, also those that fail. An error means that
	// the study's own files cannot be written.
	run(context.Context, []*attempt) error
}

// errInfeasible is wrapped by the error of a trial that breaks a constraint.
var errInfeasible = errors.New("infeasible")

// exceeded names the constraint that a trial breaks, if any.
func (g Goal) exceeded(seconds, memoryMB float64) string {
	switch {
	case g.MaxSeconds > 0 && seconds > g.MaxSeconds:
		return fmt.Sprintf("%.1f s, more than max_seconds %g", seconds, g.MaxSeconds)
	case g.MaxMemoryMB > 0 && memoryMB > g.MaxMemoryMB:
		return fmt.Sprintf("%.0f MB resident, more than max_memory_mb %g", memoryMB, g.MaxMemoryMB)
	}
	return ""
}

// Measures describes what the numbers of a study are.
type Measures struct {
	Value, Score, Step string // the name of a trial's value, of a score on the way, and of what steps count
	MaximiseValue      bool   // whether a larger value is better
	MaximiseScore      bool   // whether a larger score is better
	OneScale           bool   // whether a score compares with a value
	Trains             bool   // whether trials train agents, and so have configs
}

// objective returns what the goal asks for, checked. Agents train on the backend, which is nil where none are to train.
func (g Goal) objective(space search.Space, backend Backend) (objective, error) {
	if g.MaxSeconds < 0 || g.MaxMemoryMB < 0 {
		return nil, fmt.Errorf("invalid max_seconds %g or max_memory_mb %g: use numbers above 0, or 0 for no limit",
			g.MaxSeconds, g.MaxMemoryMB)
	}
	switch g.Kind {
	case "train":
		return newTraining(g, space, backend)
	case "function":
		return newFunction(g, space)
	}
	return nil, fmt.Errorf("goal kind %q is unknown: use train or function", g.Kind)
}

// unused returns an error that names the fields which a goal sets and its kind does not have.
func (g Goal) unused(names map[string]bool) error {
	var set []string
	for name, isSet := range names {
		if isSet {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	slices.Sort(set)
	return fmt.Errorf("a goal of kind %s has no %s: leave it out", g.Kind, strings.Join(set, ", "))
}
