package sweep

import (
	"fmt"
	"time"

	"engram/lab"
	"engram/sweep/search"
)

// State says how an attempt ended, or where a trial stands.
type State string

// How an attempt ended. The first three settle its trial.
const (
	Complete    State = "complete"    // it has its value
	Pruned      State = "pruned"      // stopped as unpromising
	Infeasible  State = "infeasible"  // a constraint was not kept, or training diverged
	Failed      State = "failed"      // an error
	Interrupted State = "interrupted" // told to stop; another attempt goes on
)

// Where a trial stands whose attempts have not ended.
const (
	Running State = "running"
	Lost    State = "lost"  // its worker is gone; another attempt goes on
	Aside   State = "aside" // failed or lost too often
)

// Text returns the state in words.
func (s State) Text() string {
	if s == Aside {
		return "set aside"
	}
	return string(s)
}

// settles says whether a trial with such an end is done with.
func (s State) settles() bool { return s == Complete || s == Pruned || s == Infeasible }

// The lines of an attempt file.
const (
	eventClaim  = "claim"  // the first: who tries what
	eventReport = "report" // a score on the way
	eventBeat   = "beat"   // a sign of life
	eventEnd    = "end"    // the last: how it ended
)

// line is a line of an attempt file. It is flat, for DuckDB and pandas.
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
	// Namespace and Started tell the process from others of its number, as in lock.Holder.
	Namespace string `json:"namespace,omitempty"`
	Started   string `json:"started,omitempty"`
	// From is the update of the checkpoint that the attempt goes on from.
	From int64 `json:"from,omitempty"`
	// SuggestMS is the time, in milliseconds, that the suggestion took, with reading what is new of the history, but
	// without the wait for a turn.
	SuggestMS float64 `json:"suggest_ms,omitempty"`

	// Of a report.
	Step   int64     `json:"step,omitempty"` // of an end: the last step
	Score  *float64  `json:"score,omitempty"`
	Scores []float64 `json:"scores,omitempty"` // of each seed, where there are several

	// Of an end.
	State    State    `json:"state,omitempty"`
	Value    *float64 `json:"value,omitempty"`
	Seconds  float64  `json:"seconds,omitempty"`   // of a report, too: since the attempt began
	MemoryMB float64  `json:"memory_mb,omitempty"` // the most the worker's process was seen to hold
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

// attemptFile is the file name of an attempt.
func attemptFile(trial, attempt int) string { return fmt.Sprintf("%06d-%d.jsonl", trial, attempt) }
