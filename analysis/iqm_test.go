package analysis

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// near fails the test where got differs from want by more than tolerance, or is NaN.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

// must returns the value of a function that may not fail here.
func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// randomScores draws scores that are normal around the task's number, [runs][tasks].
func randomScores(rng *rand.Rand, runs, tasks int) [][]float64 {
	scores := newScores(runs, tasks)
	for _, row := range scores {
		for task := range row {
			row[task] = float64(task) + rng.NormFloat64()
		}
	}
	return scores
}

// mapped applies f to each score, in new memory.
func mapped(scores [][]float64, f func(float64) float64) [][]float64 {
	result := newScores(len(scores), len(scores[0]))
	for run, row := range scores {
		for task, score := range row {
			result[run][task] = f(score)
		}
	}
	return result
}

// gap1 returns the optimality gap at gamma = 1, as a Statistic.
func gap1(scores [][]float64) (float64, error) { return OptimalityGap(scores, 1) }

// byHand is [3 runs][2 tasks], in no order.
//
//	sorted      0.1 0.2 0.4 0.6 0.9 1.3, n = 6, cut = floor(6/4) = 1
//	IQM         (0.2 + 0.4 + 0.6 + 0.9) / 4 = 2.1/4 = 0.525
//	task means  (0.4 + 0.1 + 1.3)/3 = 0.6;  (0.9 + 0.6 + 0.2)/3 = 1.7/3
//	Median      (0.6 + 1.7/3)/2 = 3.5/6;  the same as the mean, because there are two tasks
//	Mean        3.5/6
//	gap at 1    1 - (0.1 + 0.2 + 0.4 + 0.6 + 0.9 + 1)/6 = 1 - 3.2/6 = 2.8/6
//	gap at 0.5  0.5 - (0.1 + 0.2 + 0.4 + 3*0.5)/6 = 0.5 - 2.2/6 = 0.8/6
var byHand = [][]float64{{0.4, 0.9}, {0.1, 0.6}, {1.3, 0.2}}

func TestAggregatesByHand(t *testing.T) {
	gapAt := func(gamma float64) Statistic {
		return func(scores [][]float64) (float64, error) { return OptimalityGap(scores, gamma) }
	}
	for _, c := range []struct {
		name      string
		statistic Statistic
		scores    [][]float64
		want      float64
	}{
		{"IQM", IQM, byHand, 0.525},
		{"IQM of 1 score", IQM, [][]float64{{7}}, 7},
		{"IQM of 3 scores cuts none", IQM, [][]float64{{1}, {2}, {9}}, 4},
		{"IQM of 4 scores cuts 1 + 1", IQM, [][]float64{{1, 2}, {100, 3}}, 2.5},
		{"IQM of 7 scores cuts 1 + 1", IQM, [][]float64{{1, 2, 3, 4, 5, 6, 70}}, 4},
		{"IQM of 8 scores cuts 2 + 2", IQM, [][]float64{{1, 2, 3, 4}, {5, 7, 70, 700}}, 19.0 / 4},
		{"Median of 2 tasks", Median, byHand, 3.5 / 6},
		// Task means 2, 11, 3: their median is 3, while that of all scores is (3+3)/2 and their mean 16/3.
		{"Median of 3 tasks", Median, [][]float64{{1, 10, 0}, {3, 12, 6}}, 3},
		{"Median is of means, not of scores", Median, [][]float64{{0}, {0}, {3}}, 1},
		{"Mean", Mean, byHand, 3.5 / 6},
		{"OptimalityGap at 1", gapAt(1), byHand, 2.8 / 6},
		{"OptimalityGap at 0.5", gapAt(0.5), byHand, 0.8 / 6},
		{"OptimalityGap of all above", gapAt(0.05), byHand, 0},
		{"OptimalityGap of negative scores", gapAt(1), [][]float64{{-1}, {2}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			near(t, c.name, valueOf(t, c.statistic, c.scores), c.want, 1e-15)
		})
	}
}

// valueOf returns the statistic of scores, which must not fail or change them.
func valueOf(t *testing.T, statistic Statistic, scores [][]float64) float64 {
	t.Helper()
	before := mapped(scores, func(x float64) float64 { return x })
	value, err := statistic(scores)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(before, scores, slices.Equal[[]float64]) {
		t.Errorf("the scores were changed: %v to %v", before, scores)
	}
	return value
}

var aggregates = map[string]Statistic{"IQM": IQM, "Median": Median, "Mean": Mean}

func TestAggregatesOfConstants(t *testing.T) {
	constant := mapped(newScores(5, 3), func(float64) float64 { return 0.7 })
	for name, statistic := range aggregates {
		near(t, name, valueOf(t, statistic, constant), 0.7, 1e-15)
	}
	near(t, "OptimalityGap", valueOf(t, gap1, constant), 0.3, 1e-15)
}

// A statistic of location follows a change of scale and origin; the gap does so together with gamma.
func TestAggregatesAreEquivariant(t *testing.T) {
	const scale, shift = 2.5, -4
	change := func(x float64) float64 { return scale*x + shift }
	rng := seeded(1)
	for size := range 30 {
		scores := randomScores(rng, 1+size/3, 1+size%4)
		for name, statistic := range aggregates {
			want := change(valueOf(t, statistic, scores))
			near(t, name, valueOf(t, statistic, mapped(scores, change)), want, 1e-12)
		}
		gap := valueOf(t, gap1, scores)
		changed, err := OptimalityGap(mapped(scores, change), change(1))
		near(t, "OptimalityGap", must(t, changed, err), scale*gap, 1e-12)
	}
}

// IQM by its other definition, with an integer weight of 0 or 1 per rank: the mean of all scores less both tails.
func TestIQMIsTheMeanLessBothTails(t *testing.T) {
	rng := seeded(2)
	for size := range 40 {
		scores := randomScores(rng, 1+size/2, 1+size%3)
		all := flat(scores)
		slices.Sort(all)
		n, cut := len(all), int(0.25*float64(len(all))) // SciPy's int(proportiontocut * nobs)
		sum := float64(n) * valueOf(t, Mean, scores)
		for i := range cut {
			sum -= all[i] + all[n-1-i]
		}
		near(t, "IQM", valueOf(t, IQM, scores), sum/float64(n-2*cut), 1e-12)
	}
}

// Where no score exceeds gamma, the gap is gamma less the mean.
func TestGapOfLowScoresIsGammaLessMean(t *testing.T) {
	scores := mapped(randomScores(seeded(3), 6, 4), func(x float64) float64 { return min(x, 1) })
	near(t, "gap", valueOf(t, gap1, scores), 1-valueOf(t, Mean, scores), 1e-12)
}

func TestBadScores(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	subjects := map[string]Statistic{
		"IQM": IQM, "Median": Median, "Mean": Mean, "OptimalityGap": gap1,
		"StratifiedBootstrap": func(scores [][]float64) (float64, error) {
			interval, err := StratifiedBootstrap(scores, func([][]float64) (float64, error) { return 0, nil }, 10,
				seeded(1))
			return interval.Point, err
		},
		"PerformanceProfile": func(scores [][]float64) (float64, error) {
			profile, err := PerformanceProfile(scores, []float64{0})
			return float64(len(profile)), err
		},
		"ProfileBand": func(scores [][]float64) (float64, error) {
			band, err := ProfileBand(scores, []float64{0}, 10, seeded(1))
			return float64(len(band)), err
		},
		"ProbabilityOfImprovement of x": func(scores [][]float64) (float64, error) {
			return ProbabilityOfImprovement(scores, [][]float64{{1, 2}})
		},
		"ImprovementInterval of y": func(scores [][]float64) (float64, error) {
			interval, err := ImprovementInterval([][]float64{{1, 2}}, scores, 10, seeded(1))
			return interval.Point, err
		},
	}
	for name, subject := range subjects {
		for _, c := range []struct {
			scores [][]float64
			cause  error
			says   string
		}{
			{nil, ErrEmpty, "no runs"},
			{[][]float64{}, ErrEmpty, "no runs"},
			{[][]float64{{}, {}}, ErrEmpty, "run 0 has no tasks"},
			{[][]float64{{1, 2}, {3, 4}, {5}}, ErrRagged, "run 2 has 1 tasks, run 0 has 2"},
			{[][]float64{{1, 2}, {1, 2, 3}}, ErrRagged, "run 1 has 3 tasks, run 0 has 2"},
			{[][]float64{{1, 2}, {3, nan}}, ErrNotFinite, "run 1, task 1 is NaN"},
			{[][]float64{{inf, 2}, {3, 4}}, ErrNotFinite, "run 0, task 0 is +Inf"},
		} {
			value, err := subject(c.scores)
			if !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.says) ||
				!strings.HasPrefix(err.Error(), "analysis: ") {
				t.Errorf("%s of %v gives the error %v, want %v: ... %s", name, c.scores, err, c.cause, c.says)
			}
			if value != 0 {
				t.Errorf("%s of %v gives %g beside its error", name, c.scores, value)
			}
		}
	}
	if _, err := OptimalityGap(byHand, nan); !errors.Is(err, ErrNotFinite) {
		t.Errorf("a gamma of NaN gives the error %v", err)
	}
}
