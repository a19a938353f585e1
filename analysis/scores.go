package analysis

import (
	"errors"
	"fmt"

	"engram/internal/numbers"
)

var (
	// ErrEmpty is the cause of failure where there are no runs, no tasks or no thresholds.
	ErrEmpty = errors.New("empty")
	// ErrRagged is the cause of failure where the number of tasks is not the same everywhere.
	ErrRagged = errors.New("ragged")
	// ErrNotFinite is the cause of failure where a number is NaN or infinite.
	ErrNotFinite = errors.New("not finite")
	// ErrOneRun is the cause of failure where an interval is asked of a single run: it says nothing of other runs. Two
	// runs that are equal have an interval of no width, which is that of the scores.
	ErrOneRun = errors.New("one run has no interval")
)

// check returns an error that names the run and the task, both counted from 0, where scores [runs][tasks] are invalid.
func check(scores [][]float64) error {
	if err := fault(scores); err != nil {
		return fmt.Errorf("analysis: %w", err)
	}
	return nil
}

// fault returns the error of check without the package's name.
func fault(scores [][]float64) error {
	if len(scores) == 0 {
		return fmt.Errorf("%w: scores have no runs", ErrEmpty)
	}
	tasks := len(scores[0])
	if tasks == 0 {
		return fmt.Errorf("%w: run 0 has no tasks", ErrEmpty)
	}
	for run, row := range scores {
		if len(row) != tasks {
			return fmt.Errorf("%w: run %d has %d tasks, run 0 has %d", ErrRagged, run, len(row), tasks)
		}
		for task, score := range row {
			if !numbers.Finite(score) {
				return fmt.Errorf("%w: the score of run %d, task %d is %g", ErrNotFinite, run, task, score)
			}
		}
	}
	return nil
}

// checkSpread returns an error where scores, which are in order, are of one run.
func checkSpread(scores [][]float64) error {
	if len(scores) == 1 {
		return fmt.Errorf("analysis: %w: use 2 or more", ErrOneRun)
	}
	return nil
}

// flat returns all scores in one vector [runs*tasks], in new memory.
func flat(scores [][]float64) []float64 {
	all := make([]float64, 0, len(scores)*len(scores[0]))
	for _, row := range scores {
		all = append(all, row...)
	}
	return all
}

// column returns one task's scores [runs], in new memory.
func column(scores [][]float64, task int) []float64 {
	runs := make([]float64, len(scores))
	for run, row := range scores {
		runs[run] = row[task]
	}
	return runs
}

// newScores returns a matrix [runs][tasks] of zeros.
func newScores(runs, tasks int) [][]float64 {
	scores := make([][]float64, runs)
	for run := range scores {
		scores[run] = make([]float64, tasks)
	}
	return scores
}
