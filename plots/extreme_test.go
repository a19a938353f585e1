package plots_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"engram/plots"
)

// notANumber is a coordinate or number that no browser reads.
var notANumber = regexp.MustCompile(`(?:[ ,"=(>\[:-])(?:NaN|[-+]?Inf)`)

// survives fails the test if a chart panics, or if one of its forms contains NaN or an infinity. An error is fine.
func survives(t *testing.T, name string, c plots.Chart) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic: %v", name, p)
		}
	}()
	if picture, err := c.SVG(); err == nil && notANumber.Match(picture) {
		t.Errorf("%s: the picture has %q", name, notANumber.Find(picture))
	}
	if o, err := c.Options(); err == nil {
		if _, err := json.Marshal(o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// chartsOf returns charts of every kind over the same numbers.
func chartsOf(x, y []float64) map[string]plots.Chart {
	n := len(y)
	half := y[:n/2]
	ints := make([]int, n)
	for i, v := range y {
		ints[i] = int(math.Mod(math.Abs(v), 3))
	}
	s := []plots.Series{{Name: "a", X: x, Y: y, Low: y, High: y}, {Name: "b", X: x, Y: y, Points: true}}
	pairs := make([][]float64, n)
	groups := make([]string, n)
	for i := range y {
		pairs[i], groups[i] = []float64{x[min(i, len(x)-1)], y[i], y[n-1-i]}, fmt.Sprint(i)
	}
	names := []string{"p", "q", "r"}
	first := func(y []float64) float64 { return append(y[:len(y):len(y)], 0)[0] }
	return map[string]plots.Chart{
		"lines": plots.Lines{Title: "t", Series: s}, "log lines": plots.Lines{Title: "t", LogY: true, Series: s},
		"references": plots.Lines{Title: "t", Series: s[:1], References: []plots.Reference{{Name: "r", Y: 0.5}}},
		"panels": plots.Panels{Title: "t", Panels: []plots.Lines{{Title: "p", Series: s},
			{Title: "q", Series: s}}},
		"log panels":  plots.Panels{Title: "t", Panels: []plots.Lines{{Title: "p", LogY: true, Series: s}}},
		"heatmap":     plots.Heatmap{Title: "t", Matrices: [][][]float64{{y}}},
		"log heatmap": plots.Heatmap{Title: "t", Log: true, Matrices: [][][]float64{{y}}},
		"ragged":      plots.Heatmap{Title: "t", Matrices: [][][]float64{{y, half}}},
		"no matrix":   plots.Heatmap{Title: "t", Matrices: [][][]float64{{}}},
		"no column":   plots.Heatmap{Title: "t", Matrices: [][][]float64{{{}}}},
		"bars": plots.Bars{Title: "t", Groups: groups,
			Sets: []plots.BarSet{{Name: "s", Values: y, Low: x, High: y}}},
		"parallel": plots.Parallel{Title: "t", Axes: []plots.Axis{{Name: "a"}, {Name: "b", Log: true}, {Name: "c"}},
			Points: pairs},
		"linear parallel": plots.Parallel{Title: "t", Axes: []plots.Axis{{Name: "a"}, {Name: "b"}, {Name: "c"}},
			Points: pairs},
		"choices": plots.Parallel{Title: "t", Points: pairs, Axes: []plots.Axis{{Name: "a"}, {Name: "b"},
			{Name: "c", Choices: names}}},
		"frames": plots.Heatmap{Title: "t", Matrices: [][][]float64{{y, y}, {y, y}}, Frames: names[:2],
			Rows: names[:2]},
		"bar references": plots.Bars{Title: "t", Groups: groups,
			References: []plots.Reference{{Name: "r", Y: first(y)}},
			Sets:       []plots.BarSet{{Name: "s", Values: y}, {Name: "s", Values: x}}},
		"periods": plots.Trial{Title: "t", Channels: []string{"c"}, Observed: [][]float64{y}, ActionNames: names,
			Actions: ints, GroundTruth: ints,
			Periods: []plots.Period{{Name: "p", End: 1}, {Name: "q", Start: 1, End: n}}},
		"named places": plots.Panels{Title: "t", Columns: 1 << 40, Panels: []plots.Lines{
			{Series: []plots.Series{{Name: "a"}, {Name: "b", X: x, Y: y, Place: -1}}}}},
		"negative answers": plots.Psychometric{Title: "t", Answer: "r",
			Observed: []plots.Answers{{Name: "a", Stimulus: y, Chosen: make([]int, n), Trials: make([]int, n)}}},
		"phase": plots.Phase{Title: "t", Paths: []plots.Path{{Name: "p", X: x, Y: y}}},
		"raster": plots.Raster{Title: "t", ActionNames: names,
			Trials: []plots.RasterTrial{{Actions: ints, Rewards: y}, {}}},
		"trial": plots.Trial{Title: "t", Channels: []string{"c"}, Observed: [][]float64{y}, ActionNames: names,
			Actions: ints, Rewards: y,
			Q: [][]float64{y, y, y}},
		"psychometric": plots.Psychometric{Title: "t", Answer: "r",
			Observed: []plots.Answers{{Name: "a", Stimulus: x, Chosen: ints, Trials: ints}},
			Curves:   []plots.Series{{Name: "b", X: x, Y: y}}},
		"strips": plots.Strips{Title: "t", Windows: [][]plots.Cell{make([]plots.Cell, n),
			make([]plots.Cell, len(half))}},
	}
}

// Every kind of chart over odd numbers is a picture or an error.
func TestNoChartPanics(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	constant := func(x float64, n int) (all []float64) {
		for range n {
			all = append(all, x)
		}
		return all
	}
	for _, y := range [][]float64{{}, {0.5}, {0}, {nan}, {inf}, {-inf, inf}, constant(0.3, 5), constant(1e17, 4),
		constant(-1e17, 4), constant(1e308, 3),
		{-1e308, 1e308}, {-math.MaxFloat64, math.MaxFloat64}, {1, math.Nextafter(1, 2)},
		{0.3, math.Nextafter(0.3, 1), 0.3}, {5e-324, 5e-324},
		{5e-324, 1e308}, {1e-310, 2e-310}, {1e17, math.Nextafter(1e17, inf)}, {1, nan, 2}, {nan, 1, nan}, {1e-300,
			1e300}, {-5, -5}, {0, 0}} {
		xs := make([]float64, len(y))
		for i := range xs {
			xs[i] = float64(i)
		}
		for _, x := range [][]float64{xs, constant(1e17, len(y)), y, append([]float64{1}, xs...)} {
			if len(x) == 0 {
				x = []float64{}
			}
			for name, c := range chartsOf(x, y) {
				survives(t, fmt.Sprintf("%s of %v over %v", name, y, x), c)
			}
		}
	}
}

// Curves whose numbers have only one place on an axis are drawn.
func TestOddCurvesAreDrawn(t *testing.T) {
	t.Parallel()
	for _, y := range [][]float64{{0.5}, {0.3, 0.3}, {1e17, 1e17}, {1, math.Nextafter(1, 2)}, {1e-308, 1e308},
		{1e308, 1e308}} {
		x := []float64{1, 2}[:len(y)]
		for _, log := range []bool{false, true} {
			l := plots.Lines{Title: "t", LogY: log, Series: []plots.Series{{Name: "a", X: x, Y: y}}}
			if picture, err := l.SVG(); err != nil || !strings.Contains(string(picture), "<path") {
				t.Errorf("%v, logarithmic %v: %v", y, log, err)
			}
		}
	}
}

// FuzzCharts draws every kind of chart over any numbers.
func FuzzCharts(f *testing.F) {
	f.Add(1.0, 0.3, 0.3, 1e17, uint8(3))
	f.Add(0.0, math.Inf(1), -1e308, 1e308, uint8(4))
	f.Add(0.0, math.NaN(), 5e-324, 0.0, uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, n uint8) {
		four := []float64{a, b, c, d}
		n %= 5
		for name, chart := range chartsOf([]float64{a, c, b, d}[:max(1, n)], four[:n]) {
			survives(t, fmt.Sprintf("%s of %v", name, four[:n]), chart)
		}
	})
}

// long returns a curve of n points with one peak, one pit, a gap and a band.
func long(n int) plots.Lines {
	s := plots.Series{Name: "a"}
	for i := range n {
		y := math.Sin(float64(i) / 1000)
		switch i {
		case n / 3:
			y = 17.5
		case n / 2:
			y = math.NaN()
		case 2 * n / 3:
			y = -19.5
		}
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, y)
		s.Low, s.High = append(s.Low, y-0.25), append(s.High, y+0.25)
	}
	return plots.Lines{Title: "long", Series: []plots.Series{s}}
}

// TestLongCurvesAreThinned keeps the extremes, the ends and the gap.
func TestLongCurvesAreThinned(t *testing.T) {
	t.Parallel()
	l := long(1_000_000)
	text, err := json.Marshal(options(t, l))
	if err != nil {
		t.Fatal(err)
	}
	picture := svg(t, l)
	if len(text) > 300_000 || len(picture) > 300_000 {
		t.Errorf("%d bytes of options, %d of SVG, want below 300,000", len(text), len(picture))
	}
	for _, want := range []string{"[333333,17.5]", "[666666,-19.5]", `["-","-"]`, "[0,0]", "[999999,", "17.75",
		"-19.75"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is gone", want)
		}
	}
}

// BenchmarkLongCurve draws a million points.
func BenchmarkLongCurve(b *testing.B) {
	l := long(1_000_000)
	for b.Loop() {
		if _, err := plots.Snippet(l); err != nil {
			b.Fatal(err)
		}
	}
}

// A point between two gaps has a mark, because no curve shows it.
func TestAPointAloneHasAMark(t *testing.T) {
	t.Parallel()
	s := plots.Series{Name: "pruned"}
	for i := range 80 {
		s.X, s.Y = append(s.X, 25, 25), append(s.Y, float64(i), math.NaN())
	}
	series := options(t, plots.Lines{Title: "t", Series: []plots.Series{s}})["series"]
	if first := dig(series, 0).(map[string]any); first["showSymbol"] != true ||
		dig(first, "data", 0, "symbol") != "circle" {
		t.Errorf("the point has no mark: %v", first["showSymbol"])
	}
}
