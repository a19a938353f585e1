package report

import (
	"math"
	"slices"
	"testing"

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
