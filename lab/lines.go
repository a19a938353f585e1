package lab

import (
	"path/filepath"

	"engram/drqn"
	"engram/internal/journal"
)

// Lines reads a JSONL file while another process appends to it: each call of Next reads the new lines. Between calls it
// holds no file open, and its memory does not grow.
type Lines[T any] = journal.Lines[T]

// FollowMetrics returns a reader of the run's metrics that can follow a run in training.
func (r *Run) FollowMetrics() *Lines[drqn.Metrics] {
	return &Lines[drqn.Metrics]{Path: filepath.Join(r.Dir, metricsFile)}
}

// FollowEvaluations returns a reader of the run's greedy evaluations that can follow a run in training.
func (r *Run) FollowEvaluations() *Lines[drqn.Evaluation] {
	return &Lines[drqn.Evaluation]{Path: filepath.Join(r.Dir, evaluationsFile)}
}

// FollowTiming returns a reader of the times of the run's reports that can follow a run in training.
func (r *Run) FollowTiming() *Lines[Timing] {
	return &Lines[Timing]{Path: filepath.Join(r.Dir, timingFile)}
}

// Metrics reads the run's metrics.
func (r *Run) Metrics() ([]drqn.Metrics, error) { return r.FollowMetrics().All() }

// Evaluations reads the run's greedy evaluations.
func (r *Run) Evaluations() ([]drqn.Evaluation, error) { return r.FollowEvaluations().All() }

// Timing reads the times of the run's reports.
func (r *Run) Timing() ([]Timing, error) { return r.FollowTiming().All() }
