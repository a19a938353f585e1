package plots

import (
	"fmt"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Phase draws paths through a plane, such as the first two principal components of a network's activity over
// trials: a ring where each begins, a triangle where it ends.
type Phase struct {
	Title          string
	XLabel, YLabel string
	Paths          []Path

	withheld int // number of paths that are not drawn
}

// Path is a named sequence of points.
type Path struct {
	Name string
	X, Y []float64

	steps []int // of the points of a thinned path
}

// Heading implements Chart.
func (p Phase) Heading() string { return p.Title }

// lines returns the paths as curves.
func (p Phase) lines() Lines {
	l := Lines{Title: p.Title, XLabel: p.XLabel, YLabel: p.YLabel, withheld: p.withheld}
	for _, path := range p.Paths {
		l.Series = append(l.Series, Series{Name: path.Name, X: path.X, Y: path.Y})
	}
	return l
}

// check returns an error if a path cannot be drawn.
func (p Phase) check() error {
	for _, path := range p.Paths {
		for i := range min(len(path.X), len(path.Y)) {
			if !numbers.Finite(path.X[i]) || !numbers.Finite(path.Y[i]) {
				return fmt.Errorf("chart %q: point %d of %q is not finite", p.Title, i, path.Name)
			}
		}
		if len(path.X) == 0 {
			return fmt.Errorf("chart %q: %q: %w", p.Title, path.Name, errEmpty)
		}
	}
	return p.lines().check()
}

// Options implements Chart.
func (p Phase) Options() (map[string]any, error) { return plain(p.options()) }

func (p Phase) options() (options, error) {
	if err := p.check(); err != nil {
		return options{}, err
	}
	p = p.thinned()
	o := options{Grid: margins(70, 24, 40, 50), Legend: legendOnTop(false), Tooltip: onHover,
		XAxis: []axis{axisNamed("value", p.XLabel, 28)}, YAxis: []axis{axisNamed("value", p.YLabel, 48)}}
	o.XAxis[0].Scale, o.YAxis[0].Scale = shown, shown
	for i, path := range p.Paths {
		points := make([]opts.LineData, len(path.X))
		for t := range path.X {
			step := t
			if len(path.steps) > 0 {
				step = path.steps[t]
			}
			points[t].Value = [3]float64{path.X[t], path.Y[t], float64(step)}
		}
		end := &points[len(points)-1]
		end.Symbol, end.SymbolSize = "triangle", 14
		points[0].Symbol, points[0].SymbolSize = "emptyCircle", 12
		line := charts.SingleSeries{Type: "line", Name: path.Name, Data: points, Symbol: "circle", SymbolSize: 4,
			LineStyle: &opts.LineStyle{Width: 2, Type: lineTypes[roundAt(0, i)]},
			ItemStyle: filled(hex(seriesColor(i)))}
		o.Series = append(o.Series, series{SingleSeries: line})
	}
	o.Series = append(o.Series, withheldSeries("line", p.withheld)...)
	return o, nil
}
