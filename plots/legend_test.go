package plots

import (
	"fmt"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// Entries of a legend lie beside each other without overlap, in as many rows as they take.
func TestLegendBreaksIntoRows(t *testing.T) {
	t.Parallel()
	var l legend
	for i := range 30 {
		l.add(fmt.Sprintf("agent %d, %s", i, strings.Repeat("x", i)), nil)
	}
	l.add("agent 0, ", nil)
	if len(l) != 30 {
		t.Fatalf("%d entries, want one of each name", len(l))
	}
	style := newPlot("", "").Legend.TextStyle
	ends, seen := map[int]vg.Length{}, 0
	rows := l.placed(width, style, func(e entry, row int, x vg.Length) {
		seen++
		if x < ends[row] {
			t.Errorf("%q begins at %v in row %d, before %v", e.name, x, row, ends[row])
		}
		ends[row] = x + markWidth + 2*entryMargin + style.Width(e.name)
		if ends[row] > width {
			t.Errorf("%q ends at %v, right of the picture", e.name, ends[row])
		}
	})
	if seen != 30 || rows != len(ends) || rows < 5 {
		t.Errorf("%d entries in %d rows, %d of them used", seen, rows, len(ends))
	}
}

// A name that is wider than a picture loses its middle, and others stay.
func TestLegendNamesFit(t *testing.T) {
	t.Parallel()
	long := "runs/" + strings.Repeat("n", 300) + "/seed-7"
	svg, err := Lines{Title: "t", Series: []Series{{Name: "short", X: []float64{0, 1}, Y: []float64{0, 1}},
		{Name: long, X: []float64{0, 1}, Y: []float64{1, 0}}}}.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if text := string(svg); strings.Contains(text, long) || !strings.Contains(text, ">short<") ||
		!strings.Contains(text, "n…n") || !strings.Contains(text, "n/seed-7<") {
		t.Error("the legend has the long name as it is, or not its ends")
	}
	style := newPlot("", "").Legend.TextStyle
	if name := shortened(long, 100, style); style.Width(name) > 100 || style.Width(name) < 80 {
		t.Errorf("%q is %v wide, want nearly 100", name, style.Width(name))
	}
}
