package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"engram/plots"
	"engram/sweep"
	"engram/sweep/search"
)

// A parameter whose importance is not known has no empty row, but stands in the title.
func TestImportanceChart(t *testing.T) {
	t.Parallel()
	space := search.Space{{Name: "cell"}, {Name: "eta"}, {Name: "hidden"}}
	chart, ok := importanceChart(space, []float64{0.75, 0, 0.25})
	if want := []string{"cell", "hidden"}; !ok || !slices.Equal(chart.Groups, want) ||
		!slices.Equal(chart.Sets[0].Values, []float64{0.75, 0.25}) {
		t.Errorf("rows %v of %v, want %v", chart.Groups, chart.Sets, want)
	}
	if want := "What each parameter matters (not yet known of eta)"; chart.Title != want {
		t.Errorf("title %q, want %q", chart.Title, want)
	}
	if _, ok := importanceChart(space, []float64{math.NaN(), math.NaN(), math.NaN()}); ok {
		t.Error("a chart of too few trials")
	}
}

// Each state with learning curves has a colour of its own, whichever others there are.
func TestStatesHaveColours(t *testing.T) {
	t.Parallel()
	for _, state := range sweep.States() {
		if !slices.Contains(coloured, state) {
			t.Errorf("%s has no colour", state)
		}
	}
}

// A trial that was pruned at its first report has one point: it is drawn as a mark, also in the picture without
// scripts.
func TestPrunedTrialsAreDrawn(t *testing.T) {
	t.Parallel()
	const pruned = shownCurves - 5 // so many that not every point of the series has a mark
	var trials []sweep.Trial
	for i := range shownCurves {
		t := sweep.Trial{State: sweep.Pruned, Curve: []search.Report{{Step: 25, Loss: float64(-i)}}}
		if i >= pruned {
			t.State, t.Curve = sweep.Complete, append(t.Curve, search.Report{Step: 50, Loss: float64(-i)})
		}
		trials = append(trials, t)
	}
	chart := curvesChart(sweep.Measures{}, trials)
	options, err := chart.Options()
	if err != nil {
		t.Fatal(err)
	}
	marks := 0
	for _, s := range options["series"].([]any) {
		s := s.(map[string]any)
		if s["name"] != "pruned" {
			continue
		}
		if s["showSymbol"] != true {
			t.Error("the marks of pruned trials are not shown")
		}
		for _, point := range s["data"].([]any) {
			if p := point.(map[string]any); p["symbol"] == "circle" && p["symbolSize"].(float64) > 0 {
				marks++
			}
		}
	}
	if marks != pruned {
		t.Errorf("%d pruned trials have a mark, want %d", marks, pruned)
	}
	svg, err := chart.SVG()
	if err != nil {
		t.Fatal(err)
	}
	without := chart
	without.Series = slices.DeleteFunc(slices.Clone(chart.Series),
		func(s plots.Series) bool { return s.Name == "pruned" })
	bare, err := without.SVG()
	if err != nil {
		t.Fatal(err)
	}
	const path = "<path"
	if more := strings.Count(string(svg), path) - strings.Count(string(bare), path); more < pruned {
		t.Errorf("the static picture draws %d marks of pruned trials, want %d", more, pruned)
	}
}
