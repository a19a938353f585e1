package analysis

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestImprovementByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y [][]float64
		want float64
	}{
		// Of 6 pairs, 3 > 1, 3 > 2, 1 > none, 2 > 1 are won and 1 = 1, 2 = 2 tie: (3 + 2/2)/6.
		{"one task", [][]float64{{3}, {1}, {2}}, [][]float64{{1}, {2}}, 4. / 6},
		// Task 0 as above. Task 1: 5 > 4 is won, 5 = 5 and 4 = 4 tie, 0 < 4, 0 < 5, 4 < 5 are lost: (1 + 2/2)/6.
		// The mean of 4/6 and 2/6 is 3/6.
		{"two tasks", [][]float64{{3, 5}, {1, 0}, {2, 4}}, [][]float64{{1, 4}, {2, 5}}, 3. / 6},
		{"always better", [][]float64{{3}, {4}}, [][]float64{{1}, {2}}, 1},
		{"always worse", [][]float64{{1}}, [][]float64{{1.5}, {2}}, 0},
		{"all equal", [][]float64{{1, 1}, {1, 1}}, [][]float64{{1, 1}}, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ProbabilityOfImprovement(c.x, c.y)
			near(t, c.name, must(t, p, err), c.want, 1e-15)
		})
	}
}

// tiedScores draws whole numbers from 0 to 4, so that many tie, [runs][tasks].
func tiedScores(rng *rand.Rand, runs, tasks int) [][]float64 {
	return mapped(newScores(runs, tasks), func(float64) float64 { return float64(rng.IntN(5)) })
}

func TestImprovementProperties(t *testing.T) {
	rng := seeded(1)
	improvement := func(x, y [][]float64) float64 {
		p, err := ProbabilityOfImprovement(x, y)
		return must(t, p, err)
	}
	for range 50 {
		tasks := 1 + rng.IntN(4)
		x, y := tiedScores(rng, 1+rng.IntN(7), tasks), tiedScores(rng, 1+rng.IntN(7), tasks)
		near(t, "P(x,y) + P(y,x)", improvement(x, y)+improvement(y, x), 1, 1e-15)
		near(t, "P(x,x)", improvement(x, x), 0.5, 0)
		near(t, "P of increasing functions", improvement(mapped(x, math.Exp), mapped(y, math.Exp)), improvement(x, y),
			0)
		near(t, "P by ranks", improvement(x, y), byRanks(x, y), 1e-12)
	}
}

// byRanks computes the probability of improvement by the other formula of Mann and Whitney's U, that of rank sums:
// U = R - n(n+1)/2, where R sums the ranks of the n runs of x among all runs, ties sharing the mean of their ranks.
func byRanks(x, y [][]float64) float64 {
	total := 0.0
	for task := range x[0] {
		xs := column(x, task)
		all := slices.Concat(xs, column(y, task))
		slices.Sort(all)
		rankSum := 0.0
		for _, score := range xs {
			first := slices.Index(all, score) + 1
			last := len(all)
			for all[last-1] != score {
				last--
			}
			rankSum += float64(first+last) / 2
		}
		n := float64(len(xs))
		total += (rankSum - n*(n+1)/2) / (n * float64(len(y)))
	}
	return total / float64(len(x[0]))
}

func TestImprovementIntervalContainsItsPoint(t *testing.T) {
	rng := seeded(2)
	for range 20 {
		x, y := randomScores(rng, 6, 2), randomScores(rng, 9, 2)
		i, err := ImprovementInterval(x, y, 400, rng)
		i = must(t, i, err)
		p, err := ProbabilityOfImprovement(x, y)
		if i.Point != must(t, p, err) || !(i.Low < i.Point && i.Point < i.High) {
			t.Errorf("%v does not contain its point, or it is not %g", i, p)
		}
	}
}

// Of x, half is 1 and half 3; all y are 2. A resample's P is the share of 3 among 8 draws: binomial, as in
// TestBootstrapByHand. With the roles changed, it is the resamples of y that vary.
func TestImprovementIntervalByHand(t *testing.T) {
	mixed, equal := newScores(8, 1), newScores(5, 1)
	for run := range mixed {
		mixed[run][0] = float64(1 + 2*(run%2))
	}
	for run := range equal {
		equal[run][0] = 2
	}
	want := Interval{Point: 0.5, Low: 1. / 8, High: 7. / 8}
	for name, pair := range map[string][2][][]float64{"x varies": {mixed, equal}, "y varies": {equal, mixed}} {
		t.Run(name, func(t *testing.T) {
			got, err := ImprovementInterval(pair[0], pair[1], 20000, seeded(3))
			if got = must(t, got, err); got != want {
				t.Errorf("%s: the interval is %v, want %v", name, got, want)
			}
		})
	}
}

func TestImprovementOfOtherTasks(t *testing.T) {
	x, y := [][]float64{{1, 2}}, [][]float64{{1, 2, 3}}
	if _, err := ProbabilityOfImprovement(x, y); !errors.Is(err, ErrRagged) ||
		err.Error() != "analysis: ragged: x has 2 tasks, y has 3" {
		t.Errorf("2 and 3 tasks give the error %v", err)
	}
}
