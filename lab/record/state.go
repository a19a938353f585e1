package record

import (
	"fmt"
	"strconv"
	"strings"
)

// State selects how much of the recurrent state, M for an MPN, is recorded: by far the largest part.
type State struct {
	Kind StateKind
	N    int // of EveryKth: K; of Components: how many
}

// StateKind is the kind of a State.
type StateKind string

// The kinds of State.
const (
	All        StateKind = "all"
	None       StateKind = "none"
	EveryKth   StateKind = "every" // the first step of each trial and each K-th after it
	Components StateKind = "pca"   // the first N principal components, at each step
)

// mostComponents bounds the components of a State.
const mostComponents = sampled

// ParseState reads "all", "none", "every K" or "pca N".
func ParseState(text string) (State, error) {
	kind, number, numbered := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	switch s := (State{StateKind(kind), n}); {
	case !numbered && (s.Kind == All || s.Kind == None):
		return s, nil
	case numbered && err == nil && n >= 1 && s.Kind == EveryKth,
		numbered && err == nil && n >= 1 && n <= mostComponents && s.Kind == Components:
		return s, nil
	}
	return State{}, fmt.Errorf("invalid state %q: use all, none, \"every K\" with K of 1 or more, or \"pca N\" with N "+
		"of 1 to %d", text, mostComponents)
}

// String returns the text that ParseState reads.
func (s State) String() string {
	if s.Kind == All || s.Kind == None {
		return string(s.Kind)
	}
	return fmt.Sprintf("%s %d", s.Kind, s.N)
}
