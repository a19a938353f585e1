package analysis

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Of 8 runs, 4 are 0 and 4 are 1. A resample's mean is k/8 with k binomial (8, 1/2):
//
//	P(k = 0) = 1/256 = 0.0039;  P(k <= 1) = 9/256 = 0.0352
//
// 0.025 lies between, so the lower limit is 1/8 and by symmetry the upper one 7/8, far from the resamples' noise.
func TestBootstrapByHand(t *testing.T) {
	runs := []float64{0, 1, 0, 1, 0, 1, 0, 1}
	interval, err := Bootstrap(runs, Mean, 20000, seeded(1))
	if got, want := must(t, interval, err), (Interval{Point: 0.5, Low: 1. / 8, High: 7. / 8}); got != want {
		t.Errorf("the interval is %v, want %v", got, want)
	}
}

// Constant tasks leave nothing to chance, as long as no score comes from another task.
func TestBootstrapOfConstantTasks(t *testing.T) {
	scores := [][]float64{{1, 2, 4}, {1, 2, 4}, {1, 2, 4}}
	for name, c := range map[string]struct {
		statistic Statistic
		want      float64
	}{"Mean": {Mean, 7. / 3}, "Median": {Median, 2}, "IQM": {IQM, 11. / 5}} {
		t.Run(name, func(t *testing.T) { // 9 scores less 1 1 and 4 4
			interval, err := StratifiedBootstrap(scores, c.statistic, 100, seeded(1))
			interval = must(t, interval, err)
			near(t, name, interval.Point, c.want, 1e-15)
			near(t, name+"'s lower limit", interval.Low, c.want, 1e-15)
			near(t, name+"'s upper limit", interval.High, c.want, 1e-15)
		})
	}
}

// Each score names its task and run. A resample keeps tasks in their columns, draws every run equally often, more
// than once in one resample, and draws tasks independently of each other.
func TestResample(t *testing.T) {
	const runs, tasks, repetitions = 5, 3, 4000
	src, dst := newScores(runs, tasks), newScores(runs, tasks)
	for run := range runs {
		for task := range tasks {
			src[run][task] = float64(100*task + run)
		}
	}
	rng := seeded(5)
	counts := [tasks][runs]int{}
	sameRun, repeated := 0, 0
	for range repetitions {
		resample(dst, src, rng)
		for _, row := range dst {
			for task, score := range row {
				run := int(score) - 100*task
				if run < 0 || run >= runs {
					t.Fatalf("task %d got the score %g of another task", task, score)
				}
				counts[task][run]++
			}
			if row[0] == row[1]-100 {
				sameRun++
			}
		}
		if dst[0][0] == dst[1][0] {
			repeated++
		}
	}
	const draws = repetitions * runs
	atMost := 5 * math.Sqrt(draws*0.2*0.8) // five standard deviations of a binomial (draws, 1/5)
	for task := range tasks {
		for run := range runs {
			near(t, "times that a run was drawn", float64(counts[task][run]), draws/runs, atMost)
		}
	}
	near(t, "rows whose first two tasks have the same run", float64(sameRun), draws/runs, atMost)
	near(t, "resamples with the same run twice", float64(repeated), repetitions/runs, 5*math.Sqrt(repetitions*0.2*0.8))
}

func TestBootstrapRepeatsItself(t *testing.T) {
	scores := randomScores(seeded(6), 7, 3)
	interval := func(seed uint64) Interval {
		i, err := StratifiedBootstrap(scores, IQM, 500, seeded(seed))
		return must(t, i, err)
	}
	if interval(1) != interval(1) {
		t.Error("the same seed gives other numbers")
	}
	if interval(1) == interval(2) {
		t.Error("two seeds give the same numbers")
	}
}

func TestBootstrapContainsItsPoint(t *testing.T) {
	rng := seeded(7)
	for range 40 {
		scores := randomScores(rng, 4+rng.IntN(8), 1+rng.IntN(4))
		for name, statistic := range aggregates {
			i, err := StratifiedBootstrap(scores, statistic, 400, rng)
			i = must(t, i, err)
			if i.Point != valueOf(t, statistic, scores) {
				t.Errorf("%s: the point %g is not the statistic of the scores", name, i.Point)
			}
			if !(i.Low < i.Point && i.Point < i.High) {
				t.Errorf("%s: %v does not contain its point", name, i)
			}
		}
	}
}

func TestBootstrapOfOneTask(t *testing.T) {
	runs := []float64{0.2, 0.9, 0.4, 0.7, 0.5}
	vector, err := Bootstrap(runs, IQM, 300, seeded(8))
	vector = must(t, vector, err)
	matrix, err := StratifiedBootstrap([][]float64{{0.2}, {0.9}, {0.4}, {0.7}, {0.5}}, IQM, 300, seeded(8))
	if vector != must(t, matrix, err) {
		t.Errorf("a vector gives %v, its matrix %v", vector, matrix)
	}
}

// Half of the width is about 1.96 standard errors, where the variance is the bootstrap's own, with n and not n-1.
// The mean's error of many runs is normal, so the interval is known: this tells 95 % from 90 % and 99 %.
func TestBootstrapWidth(t *testing.T) {
	const runs = 200
	values := make([]float64, runs)
	for i := range values {
		values[i] = float64(i) / runs // variance (1 - 1/n^2) / 12
	}
	i, err := Bootstrap(values, Mean, 40000, seeded(9))
	i = must(t, i, err)
	se := math.Sqrt((1 - 1./(runs*runs)) / 12 / runs)
	near(t, "half of the width in standard errors", (i.High-i.Low)/2/se, distuv.UnitNormal.Quantile(0.975), 0.03)
}

// 95 % intervals of the mean of normal scores contain the truth about as often as they should. Tasks have very
// different means, whose spread is no uncertainty: were it taken for one, every interval would contain the truth.
//
// The interval's half width is 1.96 sqrt((n-1)/n) times the standard error that Student's t assumes, of
// tasks x (n-1) degrees of freedom, so the coverage to expect is P(|t| < 1.96 sqrt(19/20)) = 0.939 for 20 runs of 3
// tasks.
func TestBootstrapCoverage(t *testing.T) {
	const datasets, repetitions, runs, tasks = 600, 400, 20, 3
	rng := seeded(10)
	hits := 0
	for range datasets {
		scores := randomScores(rng, runs, tasks) // means 0, 1, 2
		i, err := StratifiedBootstrap(scores, Mean, repetitions, rng)
		i = must(t, i, err)
		if i.Low <= 1 && 1 <= i.High {
			hits++
		}
	}
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: tasks * (runs - 1)}
	want := 1 - 2*student.CDF(-distuv.UnitNormal.Quantile(0.975)*math.Sqrt((runs-1.)/runs))
	deviation := math.Sqrt(want * (1 - want) / datasets) // 0.0098
	near(t, "coverage", float64(hits)/datasets, want, 2.5*deviation)
}

func TestBootstrapErrors(t *testing.T) {
	cause := errors.New("no such thing")
	calls := 0
	lateNaN := func([][]float64) (float64, error) {
		if calls++; calls == 4 { // the scores themselves, then resamples 0, 1, 2
			return math.NaN(), nil
		}
		return 1, nil
	}
	for _, c := range []struct {
		name        string
		statistic   Statistic
		repetitions int
		rng         *rand.Rand
		cause       error
		says        string
	}{
		{"no repetitions", Mean, 0, seeded(1), nil, "0 repetitions"},
		{"no rng", Mean, 1, nil, nil, "without a source of randomness"},
		{"no statistic", nil, 1, seeded(1), nil, "no statistic"},
		{"failing", func([][]float64) (float64, error) { return 0, cause }, 1, seeded(1), cause,
			"the scores' statistic"},
		{"NaN late", lateNaN, 9, seeded(1), ErrNotFinite, "resample 2: not finite: it is NaN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, err := StratifiedBootstrap(byHand, c.statistic, c.repetitions, c.rng)
			if err == nil || !strings.Contains(err.Error(), c.says) || c.cause != nil && !errors.Is(err, c.cause) {
				t.Errorf("%s: the error is %v, want %q of cause %v", c.name, err, c.says, c.cause)
			}
			if i != (Interval{}) {
				t.Errorf("%s: %v beside an error", c.name, i)
			}
		})
	}
	if _, err := Bootstrap(nil, Mean, 1, seeded(1)); !errors.Is(err, ErrEmpty) {
		t.Errorf("no runs give the error %v", err)
	}
}
