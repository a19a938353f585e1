package analysis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// Level is the confidence of every interval: the share of the resamples' values that lies between its limits.
const Level = 0.95

// Interval is a statistic of the scores and the limits of its percentile interval.
type Interval struct {
	Point     float64 // of the scores themselves
	Low, High float64 // percentiles (1-Level)/2 and (1+Level)/2 of the statistic over resamples
}

// Statistic is one number of scores [runs][tasks], such as [IQM], [Median] and [Mean]. It must not change or keep
// scores: the bootstrap uses their memory again.
type Statistic func(scores [][]float64) (float64, error)

// StratifiedBootstrap returns the percentile interval of a statistic over resamples of the runs. A resample has the
// shape of scores [runs][tasks], and each of its scores is drawn, with replacement, from the runs of its own task:
//
//	resample[run][task] = scores[u][task],  u uniform in 0 ... runs-1, anew for each run and task
//
// Tasks are strata: each resample has every task, so the interval is about the choice of seeds, not of tasks.
// Repetitions is the number of resamples; rliable's default is 50000. A limit's own error falls as 1/sqrt(repetitions).
//
// Source: Agarwal et al. 2021, section 4; rliable's StratifiedBootstrap with method "percentile".
// Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite] (of a score or the statistic), [ErrOneRun], fewer than one
// repetition, no rng, and those of the statistic.
func StratifiedBootstrap(scores [][]float64, statistic Statistic, repetitions int, rng *rand.Rand) (Interval, error) {
	if err := check(scores); err != nil {
		return Interval{}, err
	}
	if err := checkSpread(scores); err != nil {
		return Interval{}, err
	}
	if statistic == nil {
		return Interval{}, errors.New("analysis: no statistic to bootstrap")
	}
	draw := newScores(len(scores), len(scores[0]))
	return scalarInterval(repetitions, rng,
		func() (float64, error) { return statistic(scores) },
		func() (float64, error) { resample(draw, scores, rng); return statistic(draw) })
}

// Bootstrap returns the interval of [StratifiedBootstrap] for a single task, whose scores are runs [runs]. The
// statistic gets a matrix [runs][1].
func Bootstrap(runs []float64, statistic Statistic, repetitions int, rng *rand.Rand) (Interval, error) {
	scores := newScores(len(runs), 1)
	for run, score := range runs {
		scores[run][0] = score
	}
	return StratifiedBootstrap(scores, statistic, repetitions, rng)
}

// resample draws each score of dst from the runs of src with the same task. Both are [runs][tasks].
func resample(dst, src [][]float64, rng *rand.Rand) {
	for _, row := range dst {
		for task := range row {
			row[task] = src[rng.IntN(len(src))][task]
		}
	}
}

// scalarInterval returns the percentile interval of one number, as intervals does of several.
func scalarInterval(repetitions int, rng *rand.Rand, point, replicate func() (float64, error)) (Interval, error) {
	vector := func(scalar func() (float64, error)) func() ([]float64, error) {
		return func() ([]float64, error) {
			value, err := scalar()
			return []float64{value}, err
		}
	}
	all, err := intervals(repetitions, rng, vector(point), vector(replicate))
	if err != nil {
		return Interval{}, err
	}
	return all[0], nil
}

// intervals returns the percentile intervals of the n numbers of point. It calls replicate once for each resample, for
// n numbers too. Both must return new memory. Only replicate draws from rng.
func intervals(repetitions int, rng *rand.Rand, point, replicate func() ([]float64, error)) ([]Interval, error) {
	if repetitions < 1 {
		return nil, fmt.Errorf("analysis: %d repetitions of a bootstrap: it takes at least one", repetitions)
	}
	if rng == nil {
		return nil, errors.New("analysis: a bootstrap without a source of randomness")
	}
	points, err := finiteValues(point)
	if err != nil {
		return nil, fmt.Errorf("analysis: the scores' statistic: %w", err)
	}
	replicates := newScores(len(points), repetitions)
	for repetition := range repetitions {
		values, err := finiteValues(replicate)
		if err != nil {
			return nil, fmt.Errorf("analysis: the statistic of resample %d: %w", repetition, err)
		}
		for i, value := range values {
			replicates[i][repetition] = value
		}
	}
	result := make([]Interval, len(points))
	for i, values := range replicates {
		slices.Sort(values)
		result[i] = Interval{points[i], percentile(values, (1-Level)/2), percentile(values, (1+Level)/2)}
	}
	return result, nil
}

// finiteValues returns the numbers of compute, or an error where one is NaN or infinite.
func finiteValues(compute func() ([]float64, error)) ([]float64, error) {
	values, err := compute()
	if err != nil {
		return nil, err
	}
	for _, value := range values {
		if !numbers.Finite(value) {
			return nil, fmt.Errorf("%w: it is %g", ErrNotFinite, value)
		}
	}
	return values, nil
}
