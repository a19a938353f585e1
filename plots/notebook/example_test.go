package notebook_test

import (
	"engram/plots"
	"engram/plots/notebook"
)

// In a cell this shows a chart; outside a notebook, as here, it only checks that the chart can be drawn.
func ExampleShow() {
	notebook.Show(plots.Lines{Title: "Squares", XLabel: "x", YLabel: "x squared",
		Series: []plots.Series{{Name: "squares", X: []float64{0, 1, 2, 3}, Y: []float64{0, 1, 4, 9}}}})
	// Output:
}
