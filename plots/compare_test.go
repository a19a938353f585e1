package plots_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"engram/plots"
)

func bars() plots.Bars {
	return plots.Bars{Title: "cells", XLabel: "share of the ceiling", Groups: []string{"GoNogo", "ReadySetGo"},
		Sets: []plots.BarSet{{Name: "mpn", Values: []float64{1, 0.75}, Low: []float64{0.875, 0.5},
			High: []float64{1.125, 0.875}},
			{Name: "frozen", Values: []float64{0.5, math.NaN()}, Low: []float64{0.25, math.NaN()},
				High: []float64{0.625, math.NaN()}}},
		References: []plots.Reference{{Name: "solved", Y: 0.95}}}
}

func panels() plots.Panels {
	a, b := lines(), lines()
	a.Title, b.Title, b.Series = "left task", "right task", b.Series[:1]
	return plots.Panels{Title: "tasks", Panels: []plots.Lines{a, b}, Columns: 2}
}

func parallel() plots.Parallel {
	return plots.Parallel{Title: "sweep", Axes: []plots.Axis{{Name: "learning rate", Log: true}, {Name: "eta"},
		{Name: "reward"}},
		Points: [][]float64{{0.0001, 0.5, 0.25}, {0.01, -0.5, 0.5}, {0.001, 0, math.NaN()}}}
}

func psychometric() plots.Psychometric {
	return plots.Psychometric{Title: "choice", XLabel: "coherence (%)", Answer: "right",
		Observed: []plots.Answers{{Name: "agent", Stimulus: []float64{-10, 0, 10, 20}, Chosen: []int{0, 5, 10, 0},
			Trials: []int{10, 10, 10, 0}}},
		Curves: []plots.Series{{Name: "ideal", X: []float64{-10, 10}, Y: []float64{0.125, 0.875}}}}
}

func phase() plots.Phase {
	return plots.Phase{Title: "plane", XLabel: "PC 1", YLabel: "PC 2", Paths: []plots.Path{
		{Name: "go", X: []float64{0, 1, 0.5}, Y: []float64{0, 1, 2}}, {Name: "nogo", X: []float64{0, -1},
			Y: []float64{0, 1}}}}
}

func raster() plots.Raster {
	return plots.Raster{Title: "trials", XLabel: "step (100 ms)", ActionNames: []string{"wait", "press"},
		Trials: []plots.RasterTrial{
			{Actions: []int{0, 1}, Rewards: []float64{0, 1}}, {Actions: []int{0, 0, 1},
				Rewards: []float64{-0.1, 0, -0.5}}}}
}

func TestParallelNamesChoices(t *testing.T) {
	p := parallel()
	p.Axes[1] = plots.Axis{Name: "cell", Choices: []string{"mpn", "gru"}}
	for i := range p.Points {
		p.Points[i][1] = float64(i % 2)
	}
	options, err := p.Options()
	if err != nil {
		t.Fatal(err)
	}
	axis := options["parallelAxis"].([]any)[1].(map[string]any)
	if axis["type"] != "category" || fmt.Sprint(axis["data"]) != "[mpn gru]" {
		t.Errorf("the axis is %v", axis)
	}
	svg, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.Axes[1].Choices {
		if !strings.Contains(string(svg), ">"+name+"<") {
			t.Errorf("the picture does not name %s", name)
		}
	}
}

// comparisons returns the charts of this file.
func comparisons() map[string]plots.Chart {
	return map[string]plots.Chart{"bars": bars(), "panels": panels(), "parallel": parallel(),
		"psychometric": psychometric(), "phase": phase(), "raster": raster()}
}

// dig returns what lies at a path of keys and indices.
func dig(o any, path ...any) any {
	for _, key := range path {
		switch k := key.(type) {
		case string:
			o = o.(map[string]any)[k]
		case int:
			o = o.([]any)[k]
		}
	}
	return o
}

// references returns a chart with a line that ECharts would draw at 0 if it rounded to two digits.
func references() plots.Chart {
	return plots.Lines{Title: "error", LogY: true,
		Series:     []plots.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1e-8, 1e-10}}},
		References: []plots.Reference{{Name: "large", Y: 1}, {Name: "small", Y: 1e-9}}}
}

func TestComparisonsHoldTheData(t *testing.T) {
	for _, c := range []struct {
		chart plots.Chart
		path  []any
		want  string
	}{
		{bars(), []any{"series", 0, "data"}, `[1,0.75]`},
		{bars(), []any{"series", 1, "data"}, `[[0,0.875,1.125],[1,0.5,0.875]]`},
		{bars(), []any{"series", 2, "data"}, `[0.5,"-"]`},
		{bars(), []any{"series", 3, "data"}, `[[0,0.25,0.625]]`},
		{bars(), []any{"series", 3, "bar"}, `1`},
		{bars(), []any{"series", 0, "markLine", "data", 0, "xAxis"}, `0.95`},
		{bars(), []any{"series", 0, "markLine", "precision"}, `-1`}, // or ECharts rounds it
		{references(), []any{"series", 0, "markLine", "precision"}, `-1`},
		{references(), []any{"series", 0, "markLine", "data", 1, "yAxis"}, `1e-9`},
		{panels(), []any{"series", 4, "xAxisIndex"}, `1`}, // the first panel has two bands and two curves
		{panels(), []any{"series", 6, "data", 1, "value"}, `[1,0.25]`},
		{panels(), []any{"xAxis", 1, "gridIndex"}, `1`},
		{panels(), []any{"title", 1, "text"}, `"right task"`},
		{panels(), []any{"legend", "data"}, `["greedy","exploring"]`},
		{panels(), []any{"yAxis", 0, "max"}, compact(t, dig(options(t, panels()), "yAxis", 1, "max"))},
		{parallel(), []any{"series", 0, "data"}, `[[0.0001,0.5,0.25],[0.01,-0.5,0.5]]`},
		{parallel(), []any{"series", 1, "data"}, `[[0.001,0,"-"]]`},
		{parallel(), []any{"parallelAxis", 0, "type"}, `"log"`},
		{parallel(), []any{"visualMap", "dimension"}, `2`},
		{psychometric(), []any{"yAxis", 0, "name"}, `"probability of \"right\""`},
		{psychometric(), []any{"series", 3, "data"},
			`[{"value":[-10,0]},{"value":[0,0.5]},{"value":[10,1]},{"value":["-","-"]}]`},
		{phase(), []any{"series", 0, "data", 0, "symbol"}, `"emptyCircle"`},
		{phase(), []any{"series", 0, "data", 2, "symbol"}, `"triangle"`},
		{phase(), []any{"series", 0, "data", 2, "value"}, `[0.5,2,2]`},
		{raster(), []any{"series", 0, "data", 4, "value"}, `[2,1,1]`},
		{raster(), []any{"series", 1, "data"}, `[[1,0]]`},
		{raster(), []any{"series", 2, "data"}, `[[0,1],[2,1]]`},
	} {
		if got := compact(t, dig(options(t, c.chart), c.path...)); got != c.want {
			t.Errorf("%q has %s at %v, want %s", c.chart.Heading(), got, c.path, c.want)
		}
	}
}

// Wilson's interval of 5 of 10 is 0.2366 to 0.7634 (statsmodels 0.14, proportion_confint(5, 10, method="wilson")),
// of 0 of 10 it ends at 0.2775.
func TestPsychometricIntervals(t *testing.T) {
	o := options(t, psychometric())
	whisker := dig(o, "series", 1, "data").([]any)
	for i, want := range []float64{0.7634, 0.2366} {
		if got := dig(whisker, i, 1).(float64); math.Abs(got-want) > 5e-5 {
			t.Errorf("bound %d of 5 of 10 is %.4f, want %.4f", i, got, want)
		}
	}
	if got := dig(o, "series", 0, "data", 0, 1).(float64); math.Abs(got-0.2775) > 5e-5 {
		t.Errorf("0 of 10 reaches to %.4f, want 0.2775", got)
	}
}

func TestComparisonsAreWritten(t *testing.T) {
	for text, chart := range map[string]plots.Chart{"ReadySetGo": bars(), "frozen": bars(), "solved": bars(),
		"right task": panels(), "exploring": panels(),
		"learning rate": parallel(), "0.01": parallel(), "coherence (%)": psychometric(), "agent": psychometric(), "nogo": phase(), "PC 2": phase(), "press": raster(), "punishment": raster()} {
		if !strings.Contains(svg(t, chart), ">"+text+"</text>") {
			t.Errorf("%s is nowhere written in %q", text, chart.Heading())
		}
	}
}

func TestImpossibleComparisonsAreNamed(t *testing.T) {
	for _, c := range []struct {
		names string
		spoil func() plots.Chart
	}{
		{"nothing to draw", func() plots.Chart { return plots.Bars{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Panels{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Parallel{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Psychometric{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Phase{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Raster{Title: "x"} }},
		{`"mpn" has 1 values for 2 groups`,
			func() plots.Chart { b := bars(); b.Sets[0].Values = b.Sets[0].Values[:1]; return b }},
		{"intervals of 1 low", func() plots.Chart { b := bars(); b.Sets[0].Low = b.Sets[0].Low[:1]; return b }},
		{`"solved" is at NaN`, func() plots.Chart { b := bars(); b.References[0].Y = math.NaN(); return b }},
		{`"greedy" has 4 x`, func() plots.Chart { p := panels(); p.Panels[1].Series[0].X = p.Panels[1].Series[0].X[:4]; return p }},
		{"-1 columns", func() plots.Chart { p := panels(); p.Columns = -1; return p }},
		{"point 1 has 2 numbers for 3 axes",
			func() plots.Chart { p := parallel(); p.Points[1] = p.Points[1][:2]; return p }},
		{`point 0 is at 0 on "learning rate"`, func() plots.Chart { p := parallel(); p.Points[0][0] = 0; return p }},
		{`point 0 is at 2 on "cell"`, func() plots.Chart {
			p := parallel()
			p.Axes[1], p.Points = plots.Axis{Name: "cell", Choices: []string{"mpn", "gru"}}, [][]float64{{0.1, 2, 1}}
			return p
		}},
		{`point 0 is at NaN on "eta"`, func() plots.Chart { p := parallel(); p.Points[0][1] = math.NaN(); return p }},
		{"3 counts", func() plots.Chart { p := psychometric(); p.Observed[0].Chosen = p.Observed[0].Chosen[:3]; return p }},
		{"11 answers in 10 trials", func() plots.Chart { p := psychometric(); p.Observed[0].Chosen[0] = 11; return p }},
		{`point 1 of "nogo" is not finite`,
			func() plots.Chart { p := phase(); p.Paths[1].Y[1] = math.Inf(1); return p }},
		{`"go" has 2 x`, func() plots.Chart { p := phase(); p.Paths[0].X = p.Paths[0].X[:2]; return p }},
		{`"go": nothing to draw`, func() plots.Chart { p := phase(); p.Paths[0] = plots.Path{Name: "go"}; return p }},
		{"trial 1 has 3 actions and 2 rewards",
			func() plots.Chart { r := raster(); r.Trials[1].Rewards = r.Trials[1].Rewards[:2]; return r }},
		{"action 2 of 2 at step 1", func() plots.Chart { r := raster(); r.Trials[0].Actions[1] = 2; return r }},
	} {
		chart := c.spoil()
		_, drawn := chart.SVG()
		_, made := chart.Options()
		for _, err := range []error{drawn, made} {
			if err == nil || !strings.Contains(err.Error(), c.names) ||
				!strings.Contains(err.Error(), chart.Heading()) {
				t.Errorf("error %v does not name %q of chart %q", err, c.names, chart.Heading())
			}
		}
	}
}

func TestNamesOfComparisonsCannotRun(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'`
	b, p, l, y, h, r := bars(), panels(), parallel(), psychometric(), phase(), raster()
	b.Title, b.Groups[0], b.Sets[0].Name = evil, evil, evil
	p.Title, p.Panels[0].Title = evil, evil
	l.Title, l.Axes[0].Name = evil, evil
	y.Title, y.Answer, y.Observed[0].Name = evil, evil, evil
	h.Title, h.Paths[0].Name = evil, evil
	r.Title, r.ActionNames[1] = evil, evil
	html := page(t, plots.Page{Title: "t", Sections: []plots.Section{{Charts: []plots.Chart{b, p, l, y, h, r}}}})
	for _, part := range []string{"<script>alert", "<img src=x"} {
		if strings.Contains(html, part) {
			t.Errorf("%q came through", part)
		}
	}
}
