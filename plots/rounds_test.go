package plots_test

import (
	"fmt"
	"strings"
	"testing"

	"engram/plots"
)

// distinct is the number of series that differ in what is drawn: six colours in three rounds.
const distinct = 18

// Curves and bars beyond the number of colours have other dashes and fillings, in both forms of a chart.
func TestManySeriesDiffer(t *testing.T) {
	t.Parallel()
	lines, bars := plots.Lines{Title: "t"}, plots.Bars{Title: "t", Groups: []string{"g"}}
	points := plots.Lines{Title: "t"}
	for i := range distinct {
		curve := plots.Series{Name: fmt.Sprint("agent ", i), X: []float64{1, 2}, Y: []float64{1, float64(i)}}
		lines.Series = append(lines.Series, curve)
		curve.Points = true
		points.Series = append(points.Series, curve)
		bars.Sets = append(bars.Sets, plots.BarSet{Name: curve.Name, Values: []float64{1}})
	}
	for name, c := range map[string]struct {
		chart plots.Chart
		looks func(s map[string]any) string
		svg   string // of the second round
	}{
		"curves": {lines, func(s map[string]any) string { return fmt.Sprint(s["lineStyle"]) }, "stroke-dasharray"},
		"marks":  {points, func(s map[string]any) string { return fmt.Sprint(s["itemStyle"], s["symbol"]) }, ""},
		"bars":   {bars, func(s map[string]any) string { return fmt.Sprint(s["itemStyle"]) }, "fill-opacity"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]any{}
			for _, s := range options(t, c.chart)["series"].([]any) {
				s := s.(map[string]any)
				if s["type"] == "custom" { // the interval of a bar
					continue
				}
				look := c.looks(s)
				if other, taken := seen[look]; taken {
					t.Errorf("%v and %v are both drawn as %s", other, s["name"], look)
				}
				seen[look] = s["name"]
			}
			if len(seen) != distinct {
				t.Errorf("%d series, want %d", len(seen), distinct)
			}
			picture, err := c.chart.SVG()
			if err != nil || !strings.Contains(string(picture), c.svg) {
				t.Errorf("no %s in the picture (%v)", c.svg, err)
			}
		})
	}
}

// A name has one line in the legend, whatever it holds.
func TestNamesHaveOneLine(t *testing.T) {
	t.Parallel()
	for _, chart := range []plots.Chart{
		plots.Lines{Title: "t", Series: []plots.Series{{Name: "a\nb", X: []float64{1, 2}, Y: []float64{1, 2}}}},
		plots.Bars{Title: "t", Groups: []string{"g"}, Sets: []plots.BarSet{{Name: "a\nb", Values: []float64{1}},
			{Name: "c", Values: []float64{1}}}},
	} {
		if name := dig(options(t, chart), "series", 0, "name"); name != "a b" {
			t.Errorf("%T: the name is %q", chart, name)
		}
		if picture, err := chart.SVG(); err != nil || !strings.Contains(string(picture), ">a b<") {
			t.Errorf("%T: the picture has the name otherwise (%v)", chart, err)
		}
	}
}
