package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Series is a named curve, or a named set of points. A NaN in Y is a gap.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // marks instead of a curve
	Place  int  // number of its colour, from 1; 0: its position in the chart

	// Low and High bound a band around the curve, such as a confidence interval, or a whisker through each mark. Both
	// may be nil. They are not drawn where Y or a bound is NaN.
	Low, High []float64
}

// Reference is a horizontal line with a label, such as a ceiling.
type Reference struct {
	Name string
	Y    float64
}

// Lines draws curves over a numeric axis.
type Lines struct {
	Title          string
	XLabel, YLabel string // with units
	Series         []Series
	References     []Reference
	LogY           bool // a logarithmic y axis; numbers that are not positive are gaps

	among    int // number of series of all panels, if this is one of several
	withheld int // number of series that are not drawn
}

// color returns the colour of series i. A series without points is not drawn, but others do not take its colour.
func (l Lines) color(i int) color.RGBA { return colorAt(l.Series[i].Place, i) }

// round returns the round of colours of series i.
func (l Lines) round(i int) int { return roundAt(l.Series[i].Place, i) }

// Empty reports whether there is nothing to draw because no series has a point with a place on the axes.
func (l Lines) Empty() bool { return !slices.ContainsFunc(l.Series, l.hasPoints) }

// hasPoints reports whether a series has a point with a place on the axes.
func (l Lines) hasPoints(s Series) bool {
	for i := range min(len(s.X), len(s.Y)) {
		if l.drawable(s.X[i], s.Y[i]) {
			return true
		}
	}
	return false
}

// Heading implements Chart.
func (l Lines) Heading() string { return l.Title }

// check returns an error if series do not fit together or there is nothing to draw.
func (l Lines) check() error {
	for _, s := range l.Series {
		if len(s.X) != len(s.Y) {
			return fmt.Errorf("chart %q: series %q has %d x and %d y", l.Title, s.Name, len(s.X), len(s.Y))
		}
		if n := len(s.Low); n != len(s.High) || n > 0 && n != len(s.X) {
			return fmt.Errorf("chart %q: series %q has %d x and a band of %d low, %d high", l.Title, s.Name, len(s.X),
				n, len(s.High))
		}
	}
	for _, r := range l.References {
		if !l.drawable(0, r.Y) {
			return fmt.Errorf("chart %q: reference %q is at %g: it has no place on the axis", l.Title, r.Name, r.Y)
		}
	}
	if l.Empty() {
		return fmt.Errorf("chart %q: %w", l.Title, errEmpty)
	}
	return nil
}

// drawable reports whether a point has a place on the axes.
func (l Lines) drawable(x, y float64) bool {
	return numbers.Finite(x) && numbers.Finite(y) && (y > 0 || !l.LogY)
}

// inBand reports whether a band can be drawn at point i of a series.
func (l Lines) inBand(s Series, i int) bool {
	return l.drawable(s.X[i], s.Y[i]) && l.drawable(s.X[i], s.Low[i]) && l.drawable(s.X[i], s.High[i])
}

// Options implements Chart.
func (l Lines) Options() (map[string]any, error) { return plain(l.options()) }

func (l Lines) options() (options, error) {
	if err := l.check(); err != nil {
		return options{}, err
	}
	l = l.thinned()
	o := options{Grid: margins(70, 90, 40, 50), Legend: legendOnTop(false), Tooltip: atStep,
		Toolbox: &opts.Toolbox{Show: shown, Feature: &opts.ToolBoxFeature{
			SaveAsImage: saveButton,
			DataZoom: &opts.ToolBoxFeatureDataZoom{Show: shown,
				Title: map[string]string{"zoom": "zoom", "back": "back"}}}},
		XAxis: []axis{scaled("value", l.XLabel, 28)}, YAxis: []axis{scaled(l.yType(), l.YLabel, 48)}}
	o.YAxis[0].Min, o.YAxis[0].Max = l.yMin(), l.yMax()
	var curves []series
	dashed := false
	for i, s := range l.Series {
		if l.hasPoints(s) {
			curves, dashed = append(curves, l.curve(i, s)), dashed || l.round(i) > 0
		}
	}
	curves[0].MarkLine = referenceLines("yAxis", l.References, "end", "insideStartTop")
	if o.Series = append(l.bands(), curves...); dashed { // a legend shows the style of the first series of a name
		o.Series = append(curves, l.bands()...)
	}
	o.Series = append(o.Series, withheldSeries("line", l.withheld)...)
	return o, nil
}

// scaled returns an axis that need not include 0. It stays at the edge when the other axis has numbers of both signs.
func scaled(kind, name string, gap int) axis {
	a := axisNamed(kind, name, gap)
	a.Scale, a.AxisLine = shown, atEdge
	return a
}

// yMin returns where a logarithmic y axis begins, a power of ten; nil for a linear axis, whose start ECharts chooses.
// Over many decades ECharts would begin at a number that it rounds to 0. It also rounds numbers below 1e-10: draw the
// logarithms of such numbers instead.
func (l Lines) yMin() any {
	if !l.LogY {
		return nil
	}
	low, _ := l.yRange()
	for _, r := range l.References {
		low = min(low, r.Y)
	}
	return max(math.Pow(10, math.Floor(math.Log10(low))), math.SmallestNonzeroFloat64)
}

// yMax returns where a linear y axis ends if a reference line lies above all points: a little above that line, which
// ECharts would otherwise leave outside the picture. In other cases it returns nil, and ECharts chooses.
func (l Lines) yMax() any {
	if l.LogY || len(l.References) == 0 {
		return nil
	}
	low, high := l.yRange()
	above := math.Inf(-1)
	for _, r := range l.References {
		above = max(above, r.Y)
	}
	if above <= high {
		return nil
	}
	if _, top := outwards(low, above, twoDigits(above-low)*5); numbers.Finite(above-low) && top > above {
		return top
	}
	return above
}

// yRange returns the range of y over all points and bands drawn; +Inf and -Inf where there are none.
func (l Lines) yRange() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range l.Series {
		for i := range s.X {
			if l.drawable(s.X[i], s.Y[i]) {
				low, high = min(low, s.Y[i]), max(high, s.Y[i])
			}
			if len(s.Low) > 0 && l.inBand(s, i) {
				low, high = min(low, s.Low[i]), max(high, s.High[i])
			}
		}
	}
	return low, high
}

func (l Lines) yType() string {
	if l.LogY {
		return "log"
	}
	return "value"
}

// bands returns a custom series for each unbroken stretch of a band.
func (l Lines) bands() (bands []series) {
	for i, s := range l.Series {
		for _, outline := range l.outlines(s) {
			style := filled(hex(l.color(i)))
			style.Opacity = opts.Float(bandOpacity)
			if s.Points {
				style.Opacity, style.BorderWidth = opts.Float(1), whiskerWidth
			}
			bands = append(bands, outlineSeries(s.Name, outline, style))
		}
	}
	return bands
}

// outlines returns a polygon, as pairs of x and y, around each unbroken stretch of a band. For a series of marks it
// returns a vertical line through each mark.
func (l Lines) outlines(s Series) [][][2]float64 {
	if len(s.Low) == 0 {
		return nil
	}
	var outlines [][][2]float64
	stretches := runs(len(s.X), func(i int) bool { return l.inBand(s, i) })
	if s.Points {
		stretches = single(stretches)
	}
	for _, run := range stretches {
		var outline [][2]float64
		for i := run.start; i < run.end; i++ {
			outline = append(outline, [2]float64{s.X[i], s.High[i]})
		}
		for i := run.end - 1; i >= run.start; i-- {
			outline = append(outline, [2]float64{s.X[i], s.Low[i]})
		}
		outlines = append(outlines, outline)
	}
	return outlines
}

// run is a range of indices: start <= i < end.
type run struct{ start, end int }

// runs returns the longest ranges below n in which every index holds.
func runs(n int, holds func(int) bool) (found []run) {
	for i := 0; i < n; i++ {
		start := i
		for i < n && holds(i) {
			i++
		}
		if i > start {
			found = append(found, run{start, i})
		}
	}
	return found
}

// single splits ranges into ranges of one index.
func single(stretches []run) (each []run) {
	for _, s := range stretches {
		for i := s.start; i < s.end; i++ {
			each = append(each, run{i, i + 1})
		}
	}
	return each
}

// The look of bands and whiskers.
const (
	bandOpacity  = 0.25 // of its area
	whiskerWidth = 2    // pixels
)

// curve returns series i in the form of ECharts.
func (l Lines) curve(i int, s Series) series {
	c := charts.SingleSeries{Type: "line", Name: s.Name, Data: l.data(s), Symbol: "none", SymbolSize: 4,
		ShowSymbol: opts.Bool(l.marked(s) || len(l.alone(s)) > 0), ItemStyle: filled(hex(l.color(i))),
		LineStyle: &opts.LineStyle{Width: 2, Color: hex(l.color(i)), Type: lineTypes[l.round(i)]}}
	if l.marked(s) {
		c.Symbol = symbols[l.round(i)]
	}
	if s.Points {
		c.SymbolSize, c.LineStyle.Width = 9, 0.001 // go-echarts omits 0
	}
	return series{SingleSeries: c}
}

// marked reports whether each point of a series has a mark.
func (l Lines) marked(s Series) bool { return s.Points || len(s.X) < 60 }

// alone returns the indices of points between two gaps, which a curve does not show.
func (l Lines) alone(s Series) (points []int) {
	for _, r := range runs(len(s.X), func(i int) bool { return l.drawable(s.X[i], s.Y[i]) }) {
		if r.end == r.start+1 {
			points = append(points, r.start)
		}
	}
	return points
}

// data returns the pairs of x and y; "-" is ECharts' gap. In a series without marks a point between two gaps has one.
func (l Lines) data(s Series) []opts.LineData {
	data := make([]opts.LineData, len(s.X))
	if !l.marked(s) {
		for _, i := range l.alone(s) {
			data[i].Symbol, data[i].SymbolSize = "circle", 6
		}
	}
	for i, x := range s.X {
		data[i].Value = []any{"-", "-"}
		if l.drawable(x, s.Y[i]) {
			data[i].Value = []any{x, s.Y[i]}
		}
	}
	return data
}
