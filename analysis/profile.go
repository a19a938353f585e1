package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// PerformanceProfile returns the share of runs above each threshold tau, averaged over tasks: the tail of the
// distribution of scores, which falls from 1 to 0 as tau rises.
//
//	F(tau) = mean over tasks of the share of runs with score > tau
//
// A score equal to tau does not count. Where one profile lies above another everywhere, its scores are better
// throughout (stochastic dominance). The area under it from 0 to 1 is the mean of scores clipped to that range.
//
// Source: Agarwal et al. 2021, section 4 (the run-score distribution); rliable's score_distributions.
// Scores are [runs][tasks], thresholds [n] in any order; the result is [n]. Errors: [ErrEmpty], [ErrRagged],
// [ErrNotFinite] (of a score, or a threshold that is NaN).
func PerformanceProfile(scores [][]float64, thresholds []float64) ([]float64, error) {
	if err := check(scores); err != nil {
		return nil, err
	}
	if err := checkThresholds(thresholds); err != nil {
		return nil, err
	}
	profile := make([]float64, len(thresholds))
	for i, tau := range thresholds {
		profile[i] = shareAbove(scores, tau)
	}
	return profile, nil
}

// ProfileBand returns [PerformanceProfile] with the percentile interval at each threshold, [n]. All of them come from
// the same resamples, drawn as [StratifiedBootstrap] does, but each interval holds for its own threshold alone: the
// whole band covers the profile less often than in 95 % of cases. Rliable takes 2000 repetitions.
//
// Source: Agarwal et al. 2021, section 4; rliable's create_performance_profile.
// Errors: those of PerformanceProfile, [ErrOneRun], fewer than one repetition, no rng.
func ProfileBand(scores [][]float64, thresholds []float64, repetitions int, rng *rand.Rand) ([]Interval, error) {
	if err := check(scores); err != nil {
		return nil, err
	}
	if err := checkSpread(scores); err != nil {
		return nil, err
	}
	if err := checkThresholds(thresholds); err != nil {
		return nil, err
	}
	draw := newScores(len(scores), len(scores[0]))
	return intervals(repetitions, rng,
		func() ([]float64, error) { return PerformanceProfile(scores, thresholds) },
		func() ([]float64, error) { resample(draw, scores, rng); return PerformanceProfile(draw, thresholds) })
}

// shareAbove returns the share of scores above tau. Tasks have equally many runs, so it is the mean of the tasks'
// shares.
func shareAbove(scores [][]float64, tau float64) float64 {
	above := 0
	for _, row := range scores {
		for _, score := range row {
			if score > tau {
				above++
			}
		}
	}
	return float64(above) / float64(len(scores)*len(scores[0]))
}

func checkThresholds(thresholds []float64) error {
	if len(thresholds) == 0 {
		return fmt.Errorf("analysis: %w: a profile needs a threshold", ErrEmpty)
	}
	for i, tau := range thresholds {
		if math.IsNaN(tau) {
			return fmt.Errorf("analysis: %w: threshold %d is %g", ErrNotFinite, i, tau)
		}
	}
	return nil
}
