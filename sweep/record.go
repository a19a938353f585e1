package sweep

import (
	"fmt"
	"time"

	"engram/lab"
	"engram/sweep/search"
)

// State is how an attempt ended, or what a trial is at.
type State string

// How an attempt ended. The first three settle its trial.
const (
	Complete    State = "complete"    // it has its value
	Pruned      State = "pruned"      // stopped as unpromising
	Infeasible  State = "infeasible"  // it broke a constraint, or training diverged
	Failed      State = "failed"      // an error
	Interrupted State = "interrupted" // stopped on request; the next attempt resumes it
)

// States of a trial that is not settled.
const (
	Running State = "running"
	Lost    State = "lost"  // its worker has died; the next attempt resumes it
	Aside   State = "aside" // failed or lost too often
)

// Text returns the state in words.
func (s State) Text() string {
	if s == Aside {
		return "set aside"
	}
	return string(s)
}

// settles reports whether a trial with such an end needs no further attempt.
func (s State) settles() bool { return s == Complete || s == Pruned || s == Infeasible }

// The lines of an attempt file.
const (
	eventClaim  = "claim"  // the first: who tries what
	eventReport = "report" // a score on the way
	eventBeat   = "beat"   // a sign of life
	eventEnd    = "end"    // the last: how it ended
)

// line is a line of an attempt file. It is flat, so that DuckDB and pandas read it.
type line struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"`

	// Of a claim.
	Trial   int            `json:"trial,omitempty"`
	Attempt int            `json:"attempt,omitempty"` // from 1
	Values  map[string]any `json:"values,omitempty"`
	Seen    *Seen          `json:"seen,omitempty"` // of the first attempt, where the sampler uses other trials
	Host    string         `json:"host,omitempty"`
	Machine string         `json:"machine,omitempty"` // see machine
	PID     int            `json:"pid,omitempty"`
	// Namespace and Started tell the process from others with the same number, as in lock.Holder.
	Namespace string `json:"namespace,omitempty"`
	Started   string `json:"started,omitempty"`
	// From is the update of the checkpoint that the attempt resumes from.
	From int64 `json:"from,omitempty"`
	// SuggestMS is the time of the suggestion in milliseconds, including reading the history, without the wait for a
	// turn.
	SuggestMS float64 `json:"suggest_ms,omitempty"`

	// Of a report.
	Step   int64     `json:"step,omitempty"` // of an end: the last step
	Score  *float64  `json:"score,omitempty"`
	Scores []float64 `json:"scores,omitempty"` // of each seed, where there are several

	// Of an end.
	State    State    `json:"state,omitempty"`
	Value    *float64 `json:"value,omitempty"`
	Seconds  float64  `json:"seconds,omitempty"`   // of a report, too: since the attempt began
	MemoryMB float64  `json:"memory_mb,omitempty"` // the most the process held, without leftovers of earlier trials
	Reason   string   `json:"reason,omitempty"`    // of a failure, a constraint, a pruning
	Own      bool     `json:"own,omitempty"`       // of a failure: the trial fails on any host
}

// record is an attempt as read.
type record struct {
	claim line
	curve search.Curve // losses: scores with their sign
	end   *line
	last  time.Time // of its last line
	// seconds is the time that the attempt took so far, by its last report.
	seconds float64
	point   search.Point
	lines   lab.Lines[line]
}

// attemptFile returns the file name of an attempt.
func attemptFile(trial, attempt int) string { return fmt.Sprintf("%06d-%d.jsonl", trial, attempt) }
