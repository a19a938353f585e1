package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Series is a named curve or set of points. A NaN in Y is a gap.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // marks instead of a curve
	Place  int  // of its colour, from 1; 0: its own place in the chart

	// Low and High bound a band around the curve, such as a confidence interval, or a whisker through each mark; both
	// nil: none. Neither is drawn where Y or a bound is NaN.
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
	LogY           bool // a logarithmic y axis; what is not positive is a gap

	among    int // series of all panels, where this is one of several
	withheld int // series that are not drawn
}

// color returns the colour of series i. A series without points is not drawn, but keeps its place and so its colour.
func (l Lines) color(i int) color.RGBA {
	if place := l.Series[i].Place; place > 0 {
		return seriesColor(place - 1)
	}
	return seriesColor(i)
}

// Empty reports whether there is nothing to draw: no series has a point with a place on the axes.
func (l Lines) Empty() bool { return !slices.ContainsFunc(l.Series, l.hasPoints) }

// hasPoints reports whether there is something to draw of a series.
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

// check returns an error where there is nothing to draw.
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

// drawable says whether a point has a place on the axes.
func (l Lines) drawable(x, y float64) bool {
	return isFinite(x) && isFinite(y) && (y > 0 || !l.LogY)
}

// inBand says whether point i of a series has a band.
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
			SaveAsImage: &opts.ToolBoxFeatureSaveAsImage{Show: shown, Title: "save"},
			DataZoom: &opts.ToolBoxFeatureDataZoom{Show: shown,
				Title: map[string]string{"zoom": "zoom", "back": "back"}}}},
		XAxis: []axis{scaled("value", l.XLabel, 28)}, YAxis: []axis{scaled(l.yType(), l.YLabel, 48)},
		Series: l.bands()}
	o.YAxis[0].Min, o.YAxis[0].Max = l.yMin(), l.yMax()
	bands := len(o.Series)
	for i, s := range l.Series {
		if l.hasPoints(s) {
			o.Series = append(o.Series, l.curve(i, s))
		}
	}
	if l.withheld > 0 {
		o.Series = append(o.Series, series{SingleSeries: charts.SingleSeries{Type: "line", Name: withheldText(l.withheld)}})
	}
	o.Series[bands].MarkLine = referenceLines("yAxis", l.References, "end", "insideStartTop")
	return o, nil
}

// scaled returns an axis that need not have 0, and stands with its labels at the edge where numbers have both signs, too.
func scaled(kind, name string, gap int) axis {
	a := axisNamed(kind, name, gap)
	a.Scale, a.AxisLine = shown, atEdge
	return a
}

// yMin is where a logarithmic y axis begins, a power of ten: over many decades ECharts would choose one that it rounds
// to 0. It rounds what is below 1e-10, too: draw such numbers' logarithms. Of other axes it is left to ECharts.
func (l Lines) yMin() any {
	if !l.LogY {
		return nil
	}
	low := math.Inf(1)
	for _, s := range l.Series {
		for i := range s.X {
			if l.drawable(s.X[i], s.Y[i]) {
				low = min(low, s.Y[i])
			}
			if len(s.Low) > 0 && l.inBand(s, i) {
				low = min(low, s.Low[i])
			}
		}
	}
	for _, r := range l.References {
		low = min(low, r.Y)
	}
	return max(math.Pow(10, math.Floor(math.Log10(low))), math.SmallestNonzeroFloat64)
}

// yMax is where a linear y axis ends if a reference line stands above all points, with a little room, or ECharts would
// leave the line outside the picture. Of others it is left to ECharts.
func (l Lines) yMax() any {
	if l.LogY || len(l.References) == 0 {
		return nil
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range l.Series {
		for i := range s.X {
			if l.drawable(s.X[i], s.Y[i]) {
				low, high = min(low, s.Y[i]), max(high, s.Y[i])
			}
			if len(s.High) > 0 && l.inBand(s, i) {
				high = max(high, s.High[i])
			}
		}
	}
	above := math.Inf(-1)
	for _, r := range l.References {
		above = max(above, r.Y)
	}
	if above <= high {
		return nil
	}
	if _, top := outwards(low, above, twoDigits(above-low)*5); isFinite(above-low) && top > above {
		return top
	}
	return above
}

func (l Lines) yType() string {
	if l.LogY {
		return "log"
	}
	return "value"
}

// bands returns a series for each unbroken stretch of a band.
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

// outlines are the polygons around the unbroken stretches of a band, as pairs of x and y; of marks a line through each.
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

// runs are the longest ranges below n in which every index holds.
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

// single are the indices of ranges, each a range of its own.
func single(stretches []run) (each []run) {
	for _, s := range stretches {
		for i := s.start; i < s.end; i++ {
			each = append(each, run{i, i + 1})
		}
	}
	return each
}

// How a band and a whisker look.
const (
	bandOpacity  = 0.25 // of its area
	whiskerWidth = 2    // pixels
)

// curve returns series i as ECharts draws it.
func (l Lines) curve(i int, s Series) series {
	c := charts.SingleSeries{Type: "line", Name: s.Name, Data: l.data(s), Symbol: "none", SymbolSize: 4,
		ShowSymbol: opts.Bool(l.marked(s) || len(l.alone(s)) > 0), ItemStyle: filled(hex(l.color(i))),
		LineStyle: &opts.LineStyle{Width: 2, Color: hex(l.color(i))}}
	if l.marked(s) {
		c.Symbol = "circle"
	}
	if s.Points {
		c.SymbolSize, c.LineStyle.Width = 9, 0.001 // go-echarts omits 0
	}
	return series{SingleSeries: c}
}

// marked reports whether each point of a series has a mark.
func (l Lines) marked(s Series) bool { return s.Points || len(s.X) < 60 }

// alone are the points between two gaps, which no curve shows.
func (l Lines) alone(s Series) (points []int) {
	for _, r := range runs(len(s.X), func(i int) bool { return l.drawable(s.X[i], s.Y[i]) }) {
		if r.end == r.start+1 {
			points = append(points, r.start)
		}
	}
	return points
}

// data are the pairs of x and y; "-" is ECharts' gap. Of a series without marks a point that stands alone has one.
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
