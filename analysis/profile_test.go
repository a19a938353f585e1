package analysis

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Of the six scores 0.1 0.2 0.4 0.6 0.9 1.3, above 0: 6; above 0.1: 5, for 0.1 itself does not count; above 0.5: 3;
// above 0.9: 1; above 1.3: 0.
func TestProfileByHand(t *testing.T) {
	thresholds := []float64{0.5, 0, 0.1, 0.9, 1.3, math.Inf(1), math.Inf(-1)} // any order
	want := []float64{3. / 6, 1, 5. / 6, 1. / 6, 0, 0, 1}
	got, err := PerformanceProfile(byHand, thresholds)
	if got = must(t, got, err); !slices.Equal(got, want) {
		t.Errorf("the profile is %v, want %v", got, want)
	}
}

// Over scores that are multiples of 1/8 in 0 ... 1, a step of 1/8 sums the area under the profile exactly: it is the
// mean, and so 1 less the optimality gap. The profile never rises, and is its tasks' mean.
func TestProfileProperties(t *testing.T) {
	rng := seeded(1)
	thresholds := []float64{0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875}
	for range 30 {
		runs, tasks := 1+rng.IntN(9), 1+rng.IntN(4)
		scores := mapped(newScores(runs, tasks), func(float64) float64 { return float64(rng.IntN(9)) / 8 })
		profile, err := PerformanceProfile(scores, thresholds)
		profile = must(t, profile, err)
		area := 0.0
		for i, share := range profile {
			area += share / 8
			if i > 0 && share > profile[i-1] {
				t.Errorf("the profile rises: %v", profile)
			}
			near(t, "the mean of the tasks' shares", share, meanOfTaskShares(scores, thresholds[i]), 1e-15)
		}
		near(t, "the area under the profile", area, valueOf(t, Mean, scores), 1e-12)
		near(t, "the area and the gap", area+valueOf(t, gap1, scores), 1, 1e-12)
	}
}

// meanOfTaskShares computes the profile by its definition: mean over tasks of the share of runs with score > tau.
func meanOfTaskShares(scores [][]float64, tau float64) float64 {
	total := 0.0
	for task := range scores[0] {
		runs := column(scores, task)
		above := slices.DeleteFunc(slices.Clone(runs), func(score float64) bool { return score <= tau })
		total += float64(len(above)) / float64(len(runs))
	}
	return total / float64(len(scores[0]))
}

// exactLimit returns the percentile p of the profile's resamples without resampling: the count of scores above tau is a
// sum of binomials, one a task, whose distribution is their convolution. It also tells how far p is from a step.
func exactLimit(scores [][]float64, tau, p float64) (limit, margin float64) {
	runs, tasks := len(scores), len(scores[0])
	pmf := []float64{1} // of the count so far
	for task := range tasks {
		one := [][]float64{column(scores, task)}
		binomial := distuv.Binomial{N: float64(runs), P: shareAbove(one, tau)}
		next := make([]float64, len(pmf)+runs)
		for a, weight := range pmf {
			for b := range runs + 1 {
				next[a+b] += weight * probability(binomial, b)
			}
		}
		pmf = next
	}
	margin, cumulative, count := 1.0, 0.0, -1
	for k, weight := range pmf {
		cumulative += weight
		if weight > 0 {
			margin = min(margin, math.Abs(cumulative-p))
		}
		if count < 0 && cumulative >= p {
			count = k
		}
	}
	return float64(count) / float64(runs*tasks), margin
}

// probability returns P(k), also where the binomial's own formula is 0 log 0.
func probability(b distuv.Binomial, k int) float64 {
	switch b.P {
	case 0:
		return map[bool]float64{true: 1}[k == 0]
	case 1:
		return map[bool]float64{true: 1}[k == int(b.N)]
	}
	return b.Prob(float64(k))
}

// The band's limits are the exact ones, except where 2.5 % or 97.5 % is within the resamples' noise of a step.
func TestProfileBandIsExact(t *testing.T) {
	const repetitions = 20000
	noise := 5 * math.Sqrt(0.025*0.975/repetitions)
	scores := randomScores(rand.New(rand.NewPCG(2, 0)), 10, 3)
	thresholds := []float64{-9, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 9}
	band, err := ProfileBand(scores, thresholds, repetitions, seeded(2))
	band = must(t, band, err)
	checked := 0
	for i, tau := range thresholds {
		for p, got := range map[float64]float64{0.025: band[i].Low, 0.975: band[i].High} {
			if want, margin := exactLimit(scores, tau, p); margin > noise {
				near(t, "limit", got, want, 1e-12)
				checked++
			}
		}
	}
	if checked < 12 {
		t.Errorf("only %d of %d limits are clear of a step", checked, 2*len(thresholds))
	}
}

func TestProfileBandContainsTheProfile(t *testing.T) {
	scores := randomScores(seeded(3), 9, 2)
	thresholds := []float64{-3, -1, 0, 0.5, 1, 2, 4}
	profile, err := PerformanceProfile(scores, thresholds)
	profile = must(t, profile, err)
	band, err := ProfileBand(scores, thresholds, 500, seeded(4))
	for i, interval := range must(t, band, err) {
		if interval.Point != profile[i] || interval.Low > interval.Point || interval.High < interval.Point {
			t.Errorf("at %g: %v, the profile is %g", thresholds[i], interval, profile[i])
		}
	}
}

func TestBadThresholds(t *testing.T) {
	for _, c := range []struct {
		thresholds []float64
		cause      error
		says       string
	}{
		{nil, ErrEmpty, "analysis: empty: a profile needs a threshold"},
		{[]float64{0, math.NaN()}, ErrNotFinite, "analysis: not finite: threshold 1 is NaN"},
	} {
		_, err := PerformanceProfile(byHand, c.thresholds)
		_, bandErr := ProfileBand(byHand, c.thresholds, 10, seeded(1))
		for _, err := range []error{err, bandErr} {
			if !errors.Is(err, c.cause) || err.Error() != c.says {
				t.Errorf("thresholds %v give the error %v, want %s", c.thresholds, err, c.says)
			}
		}
	}
}
