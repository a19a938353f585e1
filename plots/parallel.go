package plots

import (
	"fmt"
	"math"
	"strconv"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Parallel draws points of many dimensions, such as hyperparameters and results, each as a line over
// parallel axes. The last axis gives the colour; a line without a number there is grey: it is not known yet.
type Parallel struct {
	Title  string
	Axes   []Axis
	Points [][]float64 // [points][axes]
}

// Axis is one of several, parallel to each other.
type Axis struct {
	Name    string
	Log     bool     // logarithmic
	Choices []string // names of the numbers 0, 1, ... of an axis that has no others
}

// Heading implements Chart.
func (p Parallel) Heading() string { return p.Title }

// check returns an error if a point does not fit the axes.
func (p Parallel) check() error {
	if len(p.Axes) < 2 || len(p.Points) == 0 {
		return fmt.Errorf("chart %q: %w", p.Title, errEmpty)
	}
	for i, point := range p.Points {
		if len(point) != len(p.Axes) {
			return fmt.Errorf("chart %q: point %d has %d numbers for %d axes", p.Title, i, len(point), len(p.Axes))
		}
		for a, x := range point {
			if a == len(point)-1 && math.IsNaN(x) {
				continue
			}
			if n := len(p.Axes[a].Choices); !numbers.Finite(x) || p.Axes[a].Log && x <= 0 || n > 0 &&
				(x != math.Trunc(x) || x < 0 || x >= float64(n)) {
				return fmt.Errorf("chart %q: point %d is at %g on %q: it has no place on the axis", p.Title, i, x,
					p.Axes[a].Name)
			}
		}
	}
	return nil
}

// span returns the range of an axis, which is never empty.
func (p Parallel) span(axis int) (low, high float64) {
	if n := len(p.Axes[axis].Choices); n > 0 {
		return 0, float64(max(1, n-1))
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, point := range p.Points {
		if x := point[axis]; numbers.Finite(x) {
			low, high = min(low, x), max(high, x)
		}
	}
	switch {
	case low > high:
		return 0, 1
	case low == high && !p.Axes[axis].Log && math.Abs(low) < 1e15:
		return low - 0.5, high + 0.5
	}
	if wider, higher := fitted(low, high, p.Axes[axis].Log); wider != low || higher != high {
		return wider, higher
	}
	if p.Axes[axis].Log {
		least, _ := outwards(low, low, twoDigits(low))
		_, most := outwards(high, high, twoDigits(high))
		if least <= 0 {
			least = low
		}
		return least, most
	}
	return outwards(low, high, twoDigits(high-low))
}

// twoDigits returns the unit of the second digit of x.
func twoDigits(x float64) float64 { return math.Pow(10, math.Floor(math.Log10(x))-1) }

// outwards rounds a range outwards to multiples of a step, and removes the rounding errors of binary fractions. A range
// close to the largest float64 is returned unchanged.
func outwards(low, high, step float64) (float64, float64) {
	clean := func(multiple float64) float64 {
		x, _ := strconv.ParseFloat(strconv.FormatFloat(multiple*step, 'g', 12, 64), 64) // it reads what it wrote
		return x
	}
	if least, most := clean(math.Floor(low/step)), clean(math.Ceil(high/step)); numbers.Finite(least) &&
		numbers.Finite(most) &&
		most > least {
		return least, most
	}
	return low, high
}

// known separates the points that have a number on the last axis from those that have none yet.
func (p Parallel) known() (known, unknown [][]float64) {
	known = [][]float64{} // not null in JSON
	for _, point := range p.Points {
		if math.IsNaN(point[len(point)-1]) {
			unknown = append(unknown, point)
		} else {
			known = append(known, point)
		}
	}
	return known, unknown
}

// Options implements Chart.
func (p Parallel) Options() (map[string]any, error) { return plain(p.options()) }

func (p Parallel) options() (options, error) {
	if err := p.check(); err != nil {
		return options{}, err
	}
	p = p.thinned()
	last := len(p.Axes) - 1
	low, high := p.span(last)
	scale := colourBar(low, high, decimals(max(math.Abs(low), math.Abs(high))), lineColors)
	scale.SeriesIndex, scale.Dimension = opts.Int(0), opts.Int(last)
	known, unknown := p.known()
	grey := make([][]any, len(unknown))
	for i, point := range unknown {
		for _, x := range point[:last] {
			grey[i] = append(grey[i], x)
		}
		grey[i] = append(grey[i], "-") // ECharts' gap
	}
	o := options{Parallel: &opts.ParallelComponent{Left: "60", Right: "130", Top: "50", Bottom: "30"},
		Tooltip: onHover, VisualMap: scale, Series: []series{
			parallelLines(p.Title, known, &opts.LineStyle{Width: 2.5, Opacity: opts.Float(0.8)}),
			parallelLines("not known yet", grey, &opts.LineStyle{Width: 1, Color: hex(referenceColor),
				Opacity: opts.Float(0.7)})}}
	for a := range p.Axes {
		o.ParallelAxis = append(o.ParallelAxis, p.axis(a))
	}
	return o, nil
}

// parallelLines returns a series of lines over parallel axes.
func parallelLines(name string, points any, style *opts.LineStyle) series {
	return series{SingleSeries: charts.SingleSeries{Type: "parallel", Name: name, Data: points, LineStyle: style}}
}

// axis returns an axis as ECharts draws it, above the lines.
func (p Parallel) axis(a int) parallelAxis {
	axis := parallelAxis{Dim: a, Z: 5, ParallelAxis: opts.ParallelAxis{Name: p.Axes[a].Name, Type: "value"}}
	switch {
	case len(p.Axes[a].Choices) > 0:
		axis.Type, axis.Data = "category", p.Axes[a].Choices
		return axis
	case p.Axes[a].Log:
		axis.Type = "log"
	}
	axis.Min, axis.Max = p.span(a)
	axis.AxisLabel = &opts.AxisLabel{ShowMinLabel: shown, ShowMaxLabel: shown, HideOverlap: shown}
	return axis
}
