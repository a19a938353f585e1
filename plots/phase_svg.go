//go:build !js

package plots

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart.
func (p Phase) SVG() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p = p.thinned()
	picture, names, err := p.lines().plot()
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
	return names.renderBelow(height, picture.Draw)
}
