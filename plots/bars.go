package plots

import (
	"fmt"
	"image/color"
	"math"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Bars draws horizontal bars with intervals, in named groups from top to bottom, such as one group per task with a bar
// for each agent.
type Bars struct {
	Title      string
	XLabel     string // with its unit
	Groups     []string
	Sets       []BarSet
	References []Reference // vertical lines

	withheld int // sets that are not drawn
}

// BarSet is one bar in each group.
type BarSet struct {
	Name      string
	Values    []float64 // by group; a NaN has no bar
	Low, High []float64 // of the interval; both may be nil
	Place     int       // number of its colour, from 1; 0: its position in the chart
}

// color returns the colour of set i.
func (b Bars) color(i int) color.RGBA { return colorAt(b.Sets[i].Place, i) }

// round returns the round of colours of set i.
func (b Bars) round(i int) int { return roundAt(b.Sets[i].Place, i) }

// Heading implements Chart.
func (b Bars) Heading() string { return b.Title }

// check returns an error if a set does not have a value for each group, or if there is nothing to draw.
func (b Bars) check() error {
	drawable := false
	for _, s := range b.Sets {
		if len(s.Values) != len(b.Groups) {
			return fmt.Errorf("chart %q: %q has %d values for %d groups", b.Title, s.Name, len(s.Values), len(b.Groups))
		}
		if n := len(s.Low); n != len(s.High) || n > 0 && n != len(b.Groups) {
			return fmt.Errorf("chart %q: %q has intervals of %d low and %d high for %d groups", b.Title, s.Name, n,
				len(s.High), len(b.Groups))
		}
		for _, x := range s.Values {
			drawable = drawable || numbers.Finite(x)
		}
	}
	for _, r := range b.References {
		if !numbers.Finite(r.Y) {
			return fmt.Errorf("chart %q: reference %q is at %g: it has no place on the axis", b.Title, r.Name, r.Y)
		}
	}
	if !drawable {
		return fmt.Errorf("chart %q: %w", b.Title, errEmpty)
	}
	return nil
}

// interval returns the bounds of the interval of a group's bar; ok is false if it has none.
func (s BarSet) interval(group int) (low, high float64, ok bool) {
	if len(s.Low) == 0 {
		return math.NaN(), math.NaN(), false
	}
	low, high = s.Low[group], s.High[group]
	return low, high, numbers.Finite(s.Values[group]) && numbers.Finite(low) && numbers.Finite(high)
}

// The gaps between bars and between groups, in the form of ECharts.
const barGap, groupGap = "10%", "30%"

// tallest is the greatest height of a chart, in rem.
const tallest = 150

// Options implements Chart.
func (b Bars) Options() (map[string]any, error) { return plain(b.options()) }

func (b Bars) options() (options, error) {
	if err := b.check(); err != nil {
		return options{}, err
	}
	b = b.thinned()
	o := options{Grid: margins(8, 24, 40, 50), Legend: &opts.Legend{Show: opts.Bool(len(b.Sets) > 1), Top: "0"},
		XAxis: []axis{axisNamed("value", b.XLabel, 28)}, YAxis: []axis{categories("", 0, b.Groups, true)},
		Tooltip: onHover, Height: min(7+float64(len(b.Groups))*(1+0.9*float64(len(b.Sets))), tallest)}
	o.Grid[0].ContainLabel = shown
	for i, s := range b.Sets {
		bars, intervals := make([]any, len(b.Groups)), [][3]float64{}
		for g, x := range s.Values {
			bars[g] = "-"
			if numbers.Finite(x) {
				bars[g] = x
			}
			if low, high, ok := s.interval(g); ok {
				intervals = append(intervals, [3]float64{float64(g), low, high})
			}
		}
		bar := charts.SingleSeries{Type: "bar", Name: s.Name, Data: bars, BarGap: barGap, BarCategoryGap: groupGap,
			ItemStyle: barStyle(b.color(i), b.round(i))}
		o.Series = append(o.Series, series{SingleSeries: bar}, intervalSeries(s.Name, intervals, i, len(b.Sets)))
	}
	o.Series = append(o.Series, withheldSeries("bar", b.withheld)...)
	o.Series[0].MarkLine = referenceLines("xAxis", b.References, "start") // above, because the groups go down
	return o, nil
}
