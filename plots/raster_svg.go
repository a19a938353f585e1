//go:build !js

package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart.
func (r Raster) SVG() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	r = r.thinned()
	p := newPlot(r.XLabel, "trial")
	top := float64(len(r.Trials) - 1)
	for row, t := range r.Trials {
		for step, a := range t.Actions {
			x, y := float64(step), top-float64(row)
			p.Add(rectangle{x - 0.48, x + 0.48, y - 0.45, y + 0.45, actionColor(a)})
		}
	}
	for a, name := range r.ActionNames {
		p.Legend.Add(name, swatch{actionColor(a)})
	}
	for _, m := range []struct {
		name  string
		sign  float64
		shape draw.GlyphDrawer
	}{{"reward", 1, draw.TriangleGlyph{}}, {"punishment", -1, draw.CrossGlyph{}}} {
		var points plotter.XYs
		for _, place := range r.outcomes(m.sign) {
			points = append(points, plotter.XY{X: float64(place[0]), Y: top - float64(place[1])})
		}
		if len(points) == 0 {
			continue
		}
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", r.Title, err)
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: markColor, Radius: 2, Shape: m.shape}
		p.Add(scatter)
		onPage := scatter.GlyphStyle
		onPage.Color = referenceColor
		p.Legend.Add(m.name, thumbnail{onPage})
	}
	var ticks plot.ConstantTicks
	for row := 0; row < len(r.Trials); row += max(1, len(r.Trials)/8) {
		ticks = append(ticks, plot.Tick{Value: top - float64(row), Label: r.rows[row]})
	}
	markColumns(p, r.columns)
	p.Y.Tick.Marker = ticks
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(r.steps())-0.5, -0.5, top+0.5
	return stack([]*plot.Plot{p}, []vg.Length{max(4, 2+0.22*vg.Length(len(r.Trials))) * vg.Centimeter})
}
