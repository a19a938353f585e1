package analysis

import (
	"fmt"
	"slices"

	"engram/internal/numbers"

	"gonum.org/v1/gonum/stat"
)

// IQM returns the interquartile mean: the mean of the middle half of all runs of all tasks together.
//
//	IQM = mean of s_(k+1) ... s_(n-k),  k = floor(n/4),
//
// where s_(1) <= ... <= s_(n) are the n = runs x tasks scores. Of fewer than four scores it is their mean.
//
// Source: Agarwal et al. 2021, section 4; rliable's aggregate_iqm, which is SciPy's trim_mean(scores, 0.25, axis=None).
// Scores are [runs][tasks]. Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite].
func IQM(scores [][]float64) (float64, error) {
	if err := check(scores); err != nil {
		return 0, err
	}
	all := flat(scores)
	slices.Sort(all)
	cut := len(all) / 4
	return stat.Mean(all[cut:len(all)-cut], nil), nil
}

// Median returns the median over tasks of each task's mean over runs. For an even number of tasks it is the mean of the
// middle two.
//
// Source: Agarwal et al. 2021; rliable's aggregate_median.
// Scores are [runs][tasks]. Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite].
func Median(scores [][]float64) (float64, error) {
	if err := check(scores); err != nil {
		return 0, err
	}
	means := taskMeans(scores)
	slices.Sort(means)
	return percentile(means, 0.5), nil
}

// Mean returns the mean over tasks of each task's mean over runs, which is the mean of all scores.
//
// Source: Agarwal et al. 2021; rliable's aggregate_mean.
// Scores are [runs][tasks]. Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite].
func Mean(scores [][]float64) (float64, error) {
	if err := check(scores); err != nil {
		return 0, err
	}
	return stat.Mean(taskMeans(scores), nil), nil
}

// OptimalityGap returns the mean amount by which scores fall short of gamma. A score above gamma counts as gamma.
//
//	gap = gamma - mean of min(s, gamma) over all runs and tasks  >= 0;  lower is better
//
// Gamma is the score beyond which improvement does not matter: 1 where scores are shares of a ceiling.
//
// Source: Agarwal et al. 2021, section 4; rliable's aggregate_optimality_gap.
// Scores are [runs][tasks]. Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite] (of a score or gamma).
func OptimalityGap(scores [][]float64, gamma float64) (float64, error) {
	if err := check(scores); err != nil {
		return 0, err
	}
	if !numbers.Finite(gamma) {
		return 0, fmt.Errorf("analysis: %w: gamma is %g", ErrNotFinite, gamma)
	}
	shortfalls := flat(scores)
	for i, score := range shortfalls {
		shortfalls[i] = gamma - min(score, gamma)
	}
	return stat.Mean(shortfalls, nil), nil
}

// taskMeans returns each task's mean over runs, [tasks].
func taskMeans(scores [][]float64) []float64 {
	means := make([]float64, len(scores[0]))
	for task := range means {
		means[task] = stat.Mean(column(scores, task), nil)
	}
	return means
}
