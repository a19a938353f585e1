package analysis

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// ProbabilityOfImprovement returns the chance that a random run of x beats a random run of y, averaged over tasks.
//
//	P = mean over tasks m of P(X_m > Y_m) + P(X_m = Y_m)/2
//
// where X_m and Y_m are drawn from the runs of task m; each is the Mann-Whitney U statistic over runs_x x runs_y.
// Above 1/2, x is better more often than not. It says how sure an improvement is, not how large.
//
// Source: Agarwal et al. 2021, section 4; rliable's probability_of_improvement.
// X is [runs_x][tasks] and y [runs_y][tasks], with the same tasks in the same order. Errors: [ErrEmpty], [ErrRagged],
// [ErrNotFinite].
func ProbabilityOfImprovement(x, y [][]float64) (float64, error) {
	if err := checkPair(x, y); err != nil {
		return 0, err
	}
	tasks := len(x[0])
	total := 0.0
	for task := range tasks {
		total += commonLanguageEffect(column(x, task), column(y, task))
	}
	return total / float64(tasks), nil
}

// ImprovementInterval returns [ProbabilityOfImprovement] with its percentile interval. A resample draws x and y anew,
// independently of each other, each as [StratifiedBootstrap] does.
//
// Source: Agarwal et al. 2021, section 4; rliable's StratifiedIndependentBootstrap with method "percentile".
// Errors: [ErrEmpty], [ErrRagged], [ErrNotFinite], [ErrOneRun] (of either), fewer than one repetition, no rng.
func ImprovementInterval(x, y [][]float64, repetitions int, rng *rand.Rand) (Interval, error) {
	if err := checkPair(x, y); err != nil {
		return Interval{}, err
	}
	if err := errors.Join(checkSpread(x), checkSpread(y)); err != nil {
		return Interval{}, err
	}
	drawX, drawY := newScores(len(x), len(x[0])), newScores(len(y), len(y[0]))
	return scalarInterval(repetitions, rng,
		func() (float64, error) { return ProbabilityOfImprovement(x, y) },
		func() (float64, error) {
			resample(drawX, x, rng)
			resample(drawY, y, rng)
			return ProbabilityOfImprovement(drawX, drawY)
		})
}

// commonLanguageEffect returns P(X > Y) + P(X = Y)/2 of one task's runs x and y.
func commonLanguageEffect(x, y []float64) float64 {
	halves := 0 // two a win, one a tie: whole numbers, so that ties add up exactly
	for _, a := range x {
		for _, b := range y {
			switch {
			case a > b:
				halves += 2
			case a == b:
				halves++
			}
		}
	}
	return float64(halves) / float64(2*len(x)*len(y))
}

// checkPair returns an error where x and y are not scores of the same tasks.
func checkPair(x, y [][]float64) error {
	if err := fault(x); err != nil {
		return fmt.Errorf("analysis: x: %w", err)
	}
	if err := fault(y); err != nil {
		return fmt.Errorf("analysis: y: %w", err)
	}
	if len(x[0]) != len(y[0]) {
		return fmt.Errorf("analysis: %w: x has %d tasks, y has %d", ErrRagged, len(x[0]), len(y[0]))
	}
	return nil
}
