package plots

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// Phase draws paths through a plane, such as the first two principal components of a network's activity over
// trials: a ring where each begins, a triangle where it ends.
type Phase struct {
	Title          string
	XLabel, YLabel string
	Paths          []Path
}

// Path is a named sequence of points.
type Path struct {
	Name string
	X, Y []float64
}

// Heading implements Chart.
func (p Phase) Heading() string { return p.Title }

// lines are the paths as curves.
func (p Phase) lines() Lines {
	l := Lines{Title: p.Title, XLabel: p.XLabel, YLabel: p.YLabel}
	for _, path := range p.Paths {
		l.Series = append(l.Series, Series{Name: path.Name, X: path.X, Y: path.Y})
	}
	return l
}

// check returns an error where a path cannot be drawn.
func (p Phase) check() error {
	for _, path := range p.Paths {
		for i := range min(len(path.X), len(path.Y)) {
			if !isFinite(path.X[i]) || !isFinite(path.Y[i]) {
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
func (p Phase) Options() (map[string]any, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var series []any
	for i, path := range p.Paths {
		points := make([]any, len(path.X))
		for t := range path.X {
			points[t] = map[string]any{"value": [3]float64{path.X[t], path.Y[t], float64(t)}, "symbol": "circle",
				"symbolSize": 4}
		}
		last := len(points) - 1
		points[last].(map[string]any)["symbol"], points[last].(map[string]any)["symbolSize"] = "triangle", 14
		points[0].(map[string]any)["symbol"], points[0].(map[string]any)["symbolSize"] = "emptyCircle", 12
		series = append(series, map[string]any{"type": "line", "name": path.Name, "data": points,
			"lineStyle": map[string]any{"width": 2},
			"itemStyle": map[string]any{"color": hex(seriesColor(i))}})
	}
	axis := func(name string, gap int) map[string]any {
		return map[string]any{"type": "value", "scale": true, "name": name, "nameLocation": "middle", "nameGap": gap}
	}
	return map[string]any{"series": series, "xAxis": axis(p.XLabel, 28), "yAxis": axis(p.YLabel, 48),
		"legend":  map[string]any{"show": true, "top": 0},
		"tooltip": map[string]any{"show": true}, "grid": map[string]any{"left": 70, "right": 24, "top": 40,
			"bottom": 50}}, nil
}

// SVG implements Chart.
func (p Phase) SVG() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	picture, err := p.lines().plot()
	if err != nil {
		return nil, err
	}
	for i, path := range p.Paths {
		last := len(path.X) - 1
		for _, end := range []struct {
			at    int
			shape draw.GlyphDrawer
		}{{0, draw.RingGlyph{}}, {last, draw.TriangleGlyph{}}} {
			mark, err := plotter.NewScatter(plotter.XYs{{X: path.X[end.at], Y: path.Y[end.at]}})
			if err != nil {
				return nil, fmt.Errorf("chart %q: %w", p.Title, err)
			}
			mark.GlyphStyle = draw.GlyphStyle{Color: seriesColor(i), Radius: 4, Shape: end.shape}
			picture.Add(mark)
		}
	}
	headroom(&picture.Y)
	return render(height, picture.Draw)
}
