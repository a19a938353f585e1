//go:build !js

package plots

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart.
func (l Lines) SVG() ([]byte, error) {
	p, names, err := l.plot()
	if err != nil {
		return nil, err
	}
	return names.renderBelow(height, p.Draw)
}

// plot returns the static picture before it is rendered, and its legend.
func (l Lines) plot() (*plot.Plot, legend, error) {
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	l = l.thinned()
	p := newPlot(l.XLabel, l.YLabel)
	p.Add(gridLines())
	names, err := l.addReferences(p)
	if err != nil {
		return nil, nil, fmt.Errorf("chart %q: %w", l.Title, err)
	}
	for i, s := range l.Series {
		if err := l.addBand(p, s, l.color(i)); err != nil {
			return nil, nil, fmt.Errorf("chart %q: %w", l.Title, err)
		}
		mark, err := l.addSeries(p, s, l.color(i), l.round(i))
		if err != nil {
			return nil, nil, fmt.Errorf("chart %q: %w", l.Title, err)
		}
		if mark != nil {
			names.add(s.Name, mark)
		}
	}
	if l.withheld > 0 {
		names.add(withheldText(l.withheld), nil)
	}
	fit(&p.X, false)
	fit(&p.Y, l.LogY)
	return p, names, nil
}

func gridLines() *plotter.Grid {
	g := plotter.NewGrid()
	faint := color.NRGBA{0x88, 0x88, 0x88, 0x40}
	g.Horizontal.Color, g.Vertical.Color = faint, faint
	return g
}

// addReferences draws the reference lines, each with its own dashes, and returns their legend.
func (l Lines) addReferences(p *plot.Plot) (names legend, err error) {
	low, high := l.xRange()
	for i, r := range l.References {
		line, err := plotter.NewLine(plotter.XYs{{X: low, Y: r.Y}, {X: high, Y: r.Y}})
		if err != nil {
			return nil, err
		}
		line.Color, line.Dashes = referenceColor, []vg.Length{vg.Points(float64(2 + 2*i)), vg.Points(3)}
		p.Add(line)
		names.add(r.Name, line)
	}
	return names, nil
}

// addBand fills the band of a series, or draws a whisker through each of its marks.
func (l Lines) addBand(p *plot.Plot, s Series, c color.RGBA) error {
	for _, outline := range l.outlines(s) {
		corners := make(plotter.XYs, len(outline))
		for i, corner := range outline {
			corners[i] = plotter.XY{X: corner[0], Y: corner[1]}
		}
		if s.Points {
			whisker, err := plotter.NewLine(corners)
			if err != nil {
				return err
			}
			whisker.Color, whisker.Width = c, vg.Points(1)
			p.Add(whisker)
			continue
		}
		band, err := plotter.NewPolygon(corners)
		if err != nil {
			return err
		}
		band.LineStyle.Width = 0
		band.Color = color.NRGBA{c.R, c.G, c.B, uint8(math.Round(bandOpacity * 0xff))}
		p.Add(band)
	}
	return nil
}

// addSeries draws the unbroken stretches of a series and returns its mark for the legend, or nil if it drew nothing. A
// stretch of one point is drawn as a mark.
func (l Lines) addSeries(p *plot.Plot, s Series, c color.Color, round int) (mark plot.Thumbnailer, err error) {
	for _, run := range runs(len(s.X), func(i int) bool { return l.drawable(s.X[i], s.Y[i]) }) {
		var stretch plotter.XYs
		for i := run.start; i < run.end; i++ {
			stretch = append(stretch, plotter.XY{X: s.X[i], Y: s.Y[i]})
		}
		drawn, err := drawStretch(stretch, s.Points || len(stretch) == 1, c, round)
		if err != nil {
			return nil, err
		}
		p.Add(drawn)
		if mark == nil {
			mark = drawn
		}
	}
	return mark, nil
}

// curve is a curve or a set of marks, which a plot draws and its legend shows.
type curve interface {
	plot.Plotter
	plot.Thumbnailer
}

// roundDashes and roundMarks are those of the curves and marks of each round, as lineTypes and symbols have them for
// ECharts.
var (
	roundDashes = [][]vg.Length{nil, {6, 3}, {1.5, 2.5}}
	roundMarks  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
)

func drawStretch(stretch plotter.XYs, marks bool, c color.Color, round int) (curve, error) {
	if marks {
		points, err := plotter.NewScatter(stretch)
		if err != nil {
			return nil, err
		}
		points.GlyphStyle = draw.GlyphStyle{Color: c, Radius: 3, Shape: roundMarks[round]}
		return points, nil
	}
	line, err := plotter.NewLine(stretch)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width, line.Dashes = c, vg.Points(1.5), roundDashes[round]
	return line, nil
}

// xRange returns the range of x over all points drawn.
func (l Lines) xRange() (low, high float64) {
	first := true
	for _, s := range l.Series {
		for i, x := range s.X {
			if !l.drawable(x, s.Y[i]) {
				continue
			}
			if first {
				low, high, first = x, x, false
			}
			low, high = min(low, x), max(high, x)
		}
	}
	return low, high
}
