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
	t.Parallel()
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

// Wilson's interval of 5 of 10 is 0.2366 to 0.7634 (statsmodels 0.14, proportion_confint(5, 10, method="wilson")),
// of 0 of 10 it ends at 0.2775.
func TestPsychometricIntervals(t *testing.T) {
	t.Parallel()
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
