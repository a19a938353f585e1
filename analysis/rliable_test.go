package analysis

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// reference is testdata/rliable.json, which rliable_reference.py makes with the Python package rliable.
type reference struct {
	Repetitions      int
	Level, Gamma     float64
	X, Y             [][]float64 // [runs][tasks]
	Thresholds       []float64
	Points           map[string]float64
	Profile          []float64
	Intervals        map[string][2]float64
	ProfileIntervals [2][]float64 `json:"profile_intervals"`
	Percentiles      struct{ Values, Of, Are []float64 }
}

func readReference(t *testing.T) reference {
	t.Helper()
	data, err := os.ReadFile("testdata/rliable.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if r.Level != Level || len(r.X) != 10 || len(r.X[0]) != 3 || len(r.Points) != 6 || len(r.Intervals) != 6 {
		t.Fatalf("testdata/rliable.json is not what this test was written for: %+v", r)
	}
	return r
}

func TestPointsAreRliables(t *testing.T) {
	r := readReference(t)
	for name, statistic := range map[string]Statistic{
		"iqm": IQM, "median": Median, "mean": Mean, "optimality_gap": gap1,
		"optimality_gap_gamma":       func(x [][]float64) (float64, error) { return OptimalityGap(x, r.Gamma) },
		"probability_of_improvement": func(x [][]float64) (float64, error) { return ProbabilityOfImprovement(x, r.Y) },
	} {
		t.Run(name, func(t *testing.T) {
			near(t, name, valueOf(t, statistic, r.X), r.Points[name], 1e-12)
		})
	}
	profile, err := PerformanceProfile(r.X, r.Thresholds)
	for i, share := range must(t, profile, err) {
		near(t, "profile", share, r.Profile[i], 1e-12)
	}
	for i, p := range r.Percentiles.Of {
		near(t, "percentile", percentile(r.Percentiles.Values, p/100), r.Percentiles.Are[i], 1e-12)
	}
}

// Both sides resample by chance, R = 20000 times there and 50000 times here. A limit of a nearly normal statistic of
// standard deviation s has the error sqrt(0.025 x 0.975 / R) / density = 2.67 s / sqrt(R), since the density at the
// percentile is 0.0584/s. Their difference has 2.67 s sqrt(1/20000 + 1/50000) = 0.0223 s = 0.0057 widths, the width
// being 3.92 s. Three percent of the width are five of that.
func TestIntervalsAreRliables(t *testing.T) {
	const repetitions, tolerance = 50000, 0.03
	r := readReference(t)
	rng := seeded(1)
	got := map[string]Interval{}
	for name, statistic := range map[string]Statistic{"iqm": IQM, "median": Median, "mean": Mean,
		"optimality_gap": gap1} {
		t.Run(name, func(t *testing.T) {
			interval, err := StratifiedBootstrap(r.X, statistic, repetitions, seeded(1))
			got[name] = must(t, interval, err)
		})
	}
	firstTask, err := Bootstrap(column(r.X, 0), IQM, repetitions, rng)
	got["iqm_first_task"] = must(t, firstTask, err)
	improvement, err := ImprovementInterval(r.X, r.Y, repetitions, rng)
	got["probability_of_improvement"] = must(t, improvement, err)
	for name, want := range r.Intervals {
		width := want[1] - want[0]
		near(t, name+", lower limit", got[name].Low, want[0], tolerance*width)
		near(t, name+", upper limit", got[name].High, want[1], tolerance*width)
	}
}

// A limit of the band is a multiple of 1/30, so it is rliable's exactly, except that where 2.5 % or 97.5 % is within
// the noise of a step, the two may stand on either side of it.
func TestBandIsRliables(t *testing.T) {
	r := readReference(t)
	band, err := ProfileBand(r.X, r.Thresholds, 20000, seeded(2))
	noise := 5 * math.Sqrt(2*0.025*0.975/float64(r.Repetitions))
	exact := 0
	for i, interval := range must(t, band, err) {
		for side, got := range []float64{interval.Low, interval.High} {
			_, margin := exactLimit(r.X, r.Thresholds[i], []float64{0.025, 0.975}[side])
			tolerance := 1e-12
			if margin < noise {
				tolerance += 1. / 30
			} else {
				exact++
			}
			near(t, "band", got, r.ProfileIntervals[side][i], tolerance)
		}
	}
	if exact < 14 {
		t.Errorf("only %d of %d limits are clear of a step", exact, 2*len(band))
	}
}
