package plots_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"engram/plots"
)

// huge returns every kind of chart with more numbers than a screen shows.
var huge = sync.OnceValue(func() map[string]plots.Chart {
	const n = 20_000
	x, wave := make([]float64, n), make([]float64, n)
	ints, groups := make([]int, n), make([]string, n)
	trials := make([]int, n)
	for i := range n {
		x[i], wave[i], groups[i], trials[i] = float64(i), math.Sin(float64(i)/300)+1.0/3, fmt.Sprint("group ", i), 100
		ints[i] = i % 3
	}
	rows := func(k, n int) (m [][]float64) {
		for i := range k {
			m = append(m, wave[i:i+n])
		}
		return m
	}
	band := plots.Series{Name: "band", X: x, Y: wave, Low: wave, High: wave}
	marked := band
	marked.Points = true
	many := func(k, n int) (all []plots.Series) {
		for i := range k {
			all = append(all, plots.Series{Name: fmt.Sprint("series ", i), X: x[:n], Y: wave[:n]})
		}
		return all
	}
	names := []string{"wait", "left", "right"}
	var raster []plots.RasterTrial
	var windows [][]plots.Cell
	var paths []plots.Path
	var sets []plots.BarSet
	for i := range 500 {
		raster = append(raster, plots.RasterTrial{Actions: ints[:2000], Rewards: wave[:2000]})
		window := make([]plots.Cell, 2000)
		for step := range window {
			window[step] = plots.Cell{Episode: step / 50, Loss: true, Rewarded: true, BurnIn: true}
		}
		windows = append(windows, window)
		paths = append(paths, plots.Path{Name: fmt.Sprint("path ", i), X: wave[:2000], Y: x[:2000]})
		sets = append(sets, plots.BarSet{Name: fmt.Sprint("set ", i), Values: wave[:500], Low: wave[:500],
			High: wave[:500]})
	}
	var frames []string
	var matrices [][][]float64
	for i := range 300 {
		frames, matrices = append(frames, fmt.Sprint(i)), append(matrices, rows(100, 100))
	}
	points := make([][]float64, n)
	for i := range points {
		points[i] = []float64{x[i] + 1, wave[i], wave[n-1-i]}
	}
	return map[string]plots.Chart{
		"lines":      plots.Lines{Title: "t", Series: []plots.Series{band, band, band, band}},
		"many lines": plots.Lines{Title: "t", Series: many(3000, 100)},
		"whiskers":   plots.Lines{Title: "t", Series: []plots.Series{marked, marked}},
		"panels":     plots.Panels{Title: "t", Panels: []plots.Lines{{Series: many(40, n)}, {Series: many(40, n)}}},
		"many in panels": plots.Panels{Title: "t", Panels: []plots.Lines{{Series: many(3000, 100)},
			{Series: many(3000, 100)}}},
		"heatmap":     plots.Heatmap{Title: "t", Matrices: [][][]float64{rows(1000, 1000)}},
		"one row":     plots.Heatmap{Title: "t", Matrices: [][][]float64{{slices.Repeat(wave, 10)}}},
		"matrices":    plots.Heatmap{Title: "t", Matrices: matrices, Frames: frames},
		"bars":        plots.Bars{Title: "t", Groups: groups[:500], Sets: sets},
		"many groups": plots.Bars{Title: "t", Groups: groups, Sets: []plots.BarSet{{Name: "s", Values: wave}}},
		"parallel": plots.Parallel{Title: "t", Axes: []plots.Axis{{Name: "a", Log: true}, {Name: "b"}, {Name: "c"}},
			Points: points},
		"psychometric": plots.Psychometric{Title: "t", Answer: "r",
			Observed: []plots.Answers{{Name: "a", Stimulus: x, Chosen: ints, Trials: trials}}},
		"phase":  plots.Phase{Title: "t", Paths: paths},
		"raster": plots.Raster{Title: "t", ActionNames: names, Trials: raster},
		"strips": plots.Strips{Title: "t", Windows: windows},
		"trial": plots.Trial{Title: "t", Channels: groups[:40], Observed: rows(40, n-40), ActionNames: names,
			Actions: ints[:n-40], GroundTruth: ints[:n-40], Rewards: wave[:n-40], Q: rows(3, n-40)},
	}
})

// No chart floods a page or a notebook, whatever it is given.
func TestNoChartFloods(t *testing.T) {
	t.Parallel()
	for name, c := range huge() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const most, mostSVG = 1 << 20, 2 << 20
			text, err := json.Marshal(options(t, c))
			if err != nil {
				t.Fatal(err)
			}
			if picture := svg(t, c); len(text) > most || len(picture) > mostSVG {
				t.Errorf("%d bytes of options, %d of SVG, want at most %d and %d", len(text), len(picture), most,
					mostSVG)
			}
		})
	}
}

// found reports whether options hold a text.
func found(t *testing.T, c plots.Chart, text string) bool {
	t.Helper()
	return strings.Contains(compact(t, options(t, c)), text)
}

// What stands out among very many numbers is drawn, too, at its own place.
func TestThinnedChartsKeepWhatStandsOut(t *testing.T) {
	t.Parallel()
	const n, at = 50_000, 31_234
	flat, quiet := make([]float64, n), make([]int, n)
	spike, press := slices.Clone(flat), slices.Clone(quiet)
	spike[at], press[at] = -7.5, 1
	square := make([][]float64, 1000)
	for i := range square {
		square[i] = slices.Repeat([]float64{0.25}, 1000)
	}
	square[617][333] = -7.5
	dense := plots.Heatmap{Title: "t", Matrices: [][][]float64{square}}
	var points [][]float64
	for i := range n {
		points = append(points, []float64{float64(i), spike[i]})
	}
	cells := make([]plots.Cell, n)
	cells[at].Rewarded = true
	trial := plots.Trial{Title: "t", Channels: []string{"c"}, Observed: [][]float64{spike},
		ActionNames: []string{"wait", "press"}, Actions: press, Rewards: spike, Q: [][]float64{spike, flat}}
	raster := plots.Raster{Title: "t", ActionNames: []string{"wait", "press"},
		Trials: []plots.RasterTrial{{Actions: press, Rewards: flat}}}
	for name, c := range map[string]struct {
		chart plots.Chart
		text  string
	}{
		"heatmap": {dense, `-7.5]`},
		"parallel": {plots.Parallel{Title: "t", Axes: []plots.Axis{{Name: "a"}, {Name: "b"}}, Points: points},
			`[31234,-7.5]`},
		"strips":   {plots.Strips{Title: "t", Windows: [][]plots.Cell{cells}}, `"data":[[2402,0]]`},
		"raster":   {raster, `{"name":"press","value":[2402,0,1]}`},
		"columns":  {raster, `"31226–31238"`},
		"trial":    {trial, `[31234,-7.5]`},
		"action":   {trial, `[31234,1]`},
		"phase":    {plots.Phase{Title: "t", Paths: []plots.Path{{X: flat, Y: spike}}}, `"value":[0,-7.5,31234]`},
		"the last": {plots.Phase{Title: "t", Paths: []plots.Path{{X: flat, Y: spike}}}, `"value":[0,0,49999]`},
		"legend":   {huge()["many lines"], `"2900 more, not drawn"`},
		"panels":   {huge()["many in panels"], `"series 99","2900 more, not drawn"]`},
		"bars":     {huge()["many groups"], `"19880 more, not drawn"`},
		"frames":   {huge()["matrices"], `"299"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !found(t, c.chart, c.text) {
				t.Errorf("%s is gone", c.text)
			}
		})
	}
}

// Of very many trials of a sweep so many are drawn as lines can be told apart, in both forms.
func TestParallelDrawsAnEvenChoice(t *testing.T) {
	t.Parallel()
	var p plots.Parallel
	p.Axes = []plots.Axis{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "score"}}
	for i := range 20_000 {
		score := float64(i)
		if i%4 == 0 {
			score = math.NaN()
		}
		p.Points = append(p.Points, []float64{1, 2, 3, score})
	}
	o := options(t, p)
	known, unknown := dig(o, "series", 0, "data").([]any), dig(o, "series", 1, "data").([]any)
	if len(known) != 1500 || len(unknown) != 500 {
		t.Errorf("%d lines with a score and %d without, want 1500 and 500", len(known), len(unknown))
	}
	for i, want := range map[int]float64{0: 1, len(known) - 1: 19_999} {
		if got := dig(known, i, 3); got != want {
			t.Errorf("line %d has the score %v, want %v", i, got, want)
		}
	}
	if n := strings.Count(svg(t, p), "<path"); n > 2100 {
		t.Errorf("%d paths in the picture", n)
	}
}

// What is small enough stays as it is: each cell with its own number.
func TestSmallChartsAreNotThinned(t *testing.T) {
	t.Parallel()
	square := make([][]float64, 100)
	for i := range square {
		square[i] = make([]float64, 160)
	}
	still := plots.RasterTrial{Actions: make([]int, 33), Rewards: make([]float64, 33)}
	for _, c := range []struct {
		chart plots.Chart
		want  int
	}{
		{plots.Heatmap{Title: "t", Matrices: [][][]float64{square}}, 16_000},
		{plots.Raster{Title: "t", ActionNames: []string{"a"},
			Trials: slices.Repeat([]plots.RasterTrial{still}, 120)}, 3960},
		{plots.Strips{Title: "t", Windows: slices.Repeat([][]plots.Cell{make([]plots.Cell, 33)}, 120)}, 3960},
	} {
		if got := len(dig(options(t, c.chart), "series", 0, "data").([]any)); got != c.want {
			t.Errorf("%T has %d cells, want %d", c.chart, got, c.want)
		}
	}
}

// Curves keep their colours while others have no point yet, or none on this panel.
func TestColoursFollowNames(t *testing.T) {
	t.Parallel()
	curve := func(name string) plots.Series {
		return plots.Series{Name: name, X: []float64{1, 2}, Y: []float64{1, 2}}
	}
	color := func(o map[string]any, i int) any { return dig(o, "series", i, "lineStyle", "color") }
	both := options(t, plots.Lines{Title: "t", Series: []plots.Series{curve("greedy"), curve("exploring")}})
	later := options(t, plots.Lines{Title: "t", Series: []plots.Series{{Name: "greedy"}, curve("exploring")}})
	if n := len(later["series"].([]any)); n != 1 {
		t.Fatalf("%d curves, want that with points alone", n)
	}
	if color(later, 0) != color(both, 1) || color(both, 0) == color(both, 1) {
		t.Errorf("exploring is %v, and beside greedy %v", color(later, 0), color(both, 1))
	}
	b := curve("gru")
	b.Place = 2
	if alone := options(t, plots.Lines{Title: "t", Series: []plots.Series{b}}); color(alone, 0) != color(both, 1) {
		t.Errorf("the second is %v alone", color(alone, 0))
	}
	panels := options(t, plots.Panels{Title: "t", Panels: []plots.Lines{
		{Title: "one", Series: []plots.Series{curve("mpn"), curve("gru")}},
		{Title: "two", Series: []plots.Series{curve("gru"), curve("lstm")}}}})
	if color(panels, 2) != color(panels, 1) {
		t.Errorf("gru is %v on one panel and %v on the next", color(panels, 1), color(panels, 2))
	}
	if color(panels, 3) == color(panels, 0) || color(panels, 3) == color(panels, 1) {
		t.Errorf("lstm has the colour of another, %v", color(panels, 3))
	}
}
