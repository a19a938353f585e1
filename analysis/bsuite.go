package analysis

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

const (
	// MemoryEpisodes is how many episodes bsuite's memory experiments train.
	MemoryEpisodes = 10_000
	// MemoryThreshold is the regret, relative to guessing, below which bsuite takes a setting as solved.
	MemoryThreshold = 0.75
)

// ErrCount is the cause of failure where a count of episodes is invalid.
var ErrCount = errors.New("impossible count")

// MemoryRow counts the answers of a run of bsuite's memory_len up to some point of its training. A run may have
// several.
type MemoryRow struct {
	Length  int // memory length, the setting
	Episode int // episodes trained so far, 1 or more, those in which the agent explored included
	Perfect int // those among them that were answered correctly
}

// MemoryRegrets returns the regret of each memory length, relative to guessing: 0 where every episode was answered
// correctly, 1 for guessing, 2 where every answer was wrong.
//
//	regret = mean of (Episode - Perfect)/0.5 over the length's rows at n, divided by n
//	n      = min(the length's largest Episode, MemoryEpisodes)
//
// So each length counts at its own progress, and a run that is behind the others of its length does not count.
//
// Source: the body of score in bsuite 0.3.6, bsuite/experiments/memory_len/analysis.py. The rows may have any order.
// Errors: [ErrEmpty] without rows, and for a length that went beyond MemoryEpisodes without a row there (bsuite's NaN);
// [ErrCount].
func MemoryRegrets(rows []MemoryRow) (map[int]float64, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("analysis: %w: no rows", ErrEmpty)
	}
	last := map[int]int{} // n, by length
	for i, r := range rows {
		if r.Episode < 1 || r.Perfect < 0 || r.Perfect > r.Episode {
			return nil, fmt.Errorf("analysis: %w: row %d has %d perfect of %d episodes", ErrCount, i, r.Perfect,
				r.Episode)
		}
		last[r.Length] = min(max(last[r.Length], r.Episode), MemoryEpisodes)
	}
	regrets := map[int]float64{}
	for _, length := range slices.Sorted(maps.Keys(last)) { // the first fault is always the same one
		n := last[length]
		sum, runs := 0.0, 0
		for _, r := range rows {
			if r.Length == length && r.Episode == n {
				sum, runs = sum+float64(r.Episode-r.Perfect)/0.5, runs+1
			}
		}
		if runs == 0 {
			return nil, fmt.Errorf("analysis: %w: length %d has no row at episode %d", ErrEmpty, length, n)
		}
		regrets[length] = sum / float64(runs) / float64(n)
	}
	return regrets, nil
}

// MemoryScore returns bsuite's score of its experiment memory_len: the share of memory lengths that are solved, 0 to 1.
//
//	score = mean over lengths of [regret < MemoryThreshold]
//
// With regret from [MemoryRegrets], a length is solved where more than 62.5 % of all episodes were answered correctly.
// The score of an experiment wants all lengths of tasks.MemoryLengths; this function takes those that are there.
//
// Source: I. Osband et al., "Behaviour suite for reinforcement learning", ICLR 2020; score in bsuite 0.3.6,
// bsuite/experiments/memory_len/analysis.py. Errors: those of [MemoryRegrets].
func MemoryScore(rows []MemoryRow) (float64, error) {
	regrets, err := MemoryRegrets(rows)
	if err != nil {
		return 0, err
	}
	solved := 0
	for _, regret := range regrets {
		if regret < MemoryThreshold {
			solved++
		}
	}
	return float64(solved) / float64(len(regrets)), nil
}
