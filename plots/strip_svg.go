//go:build !js

package plots

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart.
func (s Strips) SVG() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	s = s.thinned()
	p := newPlot(s.XLabel, s.yLabel())
	s.addCells(p)
	for i, m := range marks {
		places := s.places(m)
		if len(places) == 0 {
			continue
		}
		points := make(plotter.XYs, len(places))
		for j, place := range places {
			points[j] = plotter.XY{X: float64(place[0]), Y: s.height(place[1])}
		}
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", s.Title, err)
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: markColor, Radius: vg.Length(m.size) / 4, Shape: glyphs[i]}
		p.Add(scatter)
		onPage := scatter.GlyphStyle
		onPage.Color = referenceColor // the page may be dark
		p.Legend.Add(m.name, thumbnail{onPage})
	}
	var ticks plot.ConstantTicks
	for row := range s.Windows {
		if row%max(1, len(s.Windows)/8) == 0 {
			ticks = append(ticks, plot.Tick{Value: s.height(row), Label: s.rows[row]})
		}
	}
	p.Y.Tick.Marker = ticks
	markColumns(p, s.columns)
	p.X.Min, p.X.Max = -0.5, float64(len(s.Windows[0]))-0.5
	tall := max(3, vg.Length(len(s.Windows))*0.6+2) * vg.Centimeter
	return stack([]*plot.Plot{p}, []vg.Length{tall})
}

// glyphs are the static forms of marks, in their order.
var glyphs = []draw.GlyphDrawer{slash{}, dash{}, draw.CircleGlyph{}, diamond{}}

// height returns the y at which a row stands; the first row is on top.
func (s Strips) height(row int) float64 { return float64(len(s.Windows) - 1 - row) }

// addCells fills each step with the colour of its episode.
func (s Strips) addCells(p *plot.Plot) {
	episodes := s.episodes()
	for row, w := range s.Windows {
		for step, c := range w {
			fill := paddedColor
			if !c.Padded {
				place, _ := slices.BinarySearch(episodes, c.Episode)
				fill = stripColors[place%len(stripColors)]
			}
			x, y := float64(step), s.height(row)
			p.Add(rectangle{x - 0.48, x + 0.48, y - 0.42, y + 0.42, fill})
		}
	}
	p.Y.Min, p.Y.Max = -0.5, float64(len(s.Windows))-0.5
}

// thumbnail is a mark in the legend.
type thumbnail struct{ style draw.GlyphStyle }

// Thumbnail implements plot.Thumbnailer.
func (t thumbnail) Thumbnail(c *draw.Canvas) { c.DrawGlyph(t.style, c.Center()) }

// slash strikes through a padded step.
type slash struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (slash) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius
	c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: 0.8}, at.X-r, at.Y-r, at.X+r, at.Y+r)
}

// dash marks a step of burn-in. A ring would look like the dot of a loss.
type dash struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (dash) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: 1.2}, at.X-style.Radius, at.Y, at.X+style.Radius, at.Y)
}

// diamond marks a rewarded step.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.2
	c.FillPolygon(style.Color, []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y},
		{X: at.X, Y: at.Y - r}})
}
