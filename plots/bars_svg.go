//go:build !js

package plots

import (
	"fmt"
	"image/color"

	"engram/internal/numbers"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart. Group g stands at height -g, and its bars share 0.7 of the way to the next.
func (b Bars) SVG() ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	b = b.thinned()
	p := newPlot(b.XLabel, "")
	p.Add(gridLines())
	thick := 0.7 / float64(len(b.Sets))
	for i, s := range b.Sets {
		look := barLook{b.color(i), b.round(i)}
		for g, x := range s.Values {
			if !numbers.Finite(x) {
				continue
			}
			middle := -float64(g) + 0.35 - (float64(i)+0.5)*thick
			p.Add(bar{min(0, x), max(0, x), middle - 0.45*thick, middle + 0.45*thick, look})
			p.X.Min, p.X.Max = min(p.X.Min, x, 0), max(p.X.Max, x, 0)
			if low, high, ok := s.interval(g); ok {
				p.Add(whisker{low, high, middle})
				p.X.Min, p.X.Max = min(p.X.Min, low), max(p.X.Max, high)
			}
		}
		if len(b.Sets) > 1 {
			p.Legend.Add(s.Name, look)
		}
	}
	if b.withheld > 0 {
		p.Legend.Add(withheldText(b.withheld))
	}
	if err := b.addReferences(p); err != nil {
		return nil, fmt.Errorf("chart %q: %w", b.Title, err)
	}
	fit(&p.X, false)
	names := make(plot.ConstantTicks, len(b.Groups))
	for g, name := range b.Groups {
		names[g] = plot.Tick{Value: -float64(g), Label: name}
	}
	p.Y.Tick.Marker = names
	p.Y.Min, p.Y.Max = 0.5-float64(len(b.Groups)), 0.5
	tall := (1.5 + vg.Length(len(b.Groups))*(0.3+0.3*vg.Length(len(b.Sets)))) * vg.Centimeter
	return stack([]*plot.Plot{p}, []vg.Length{min(tall, 60*vg.Centimeter)})
}

// addReferences adds the vertical lines, each dashed in its own way.
func (b Bars) addReferences(p *plot.Plot) error {
	for i, r := range b.References {
		line, err := plotter.NewLine(plotter.XYs{{X: r.Y, Y: 0.5 - float64(len(b.Groups))}, {X: r.Y, Y: 0.5}})
		if err != nil {
			return err
		}
		line.Color, line.Dashes = referenceColor, []vg.Length{vg.Points(float64(2 + 2*i)), vg.Points(3)}
		p.Add(line)
		p.Legend.Add(r.Name, line)
	}
	return nil
}

// whisker is an interval along x with a cap at each end.
type whisker struct{ low, high, y float64 }

// Plot implements plot.Plotter.
func (w whisker) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: color.Black, Width: 0.8}
	c.StrokeLine2(style, x(w.low), y(w.y), x(w.high), y(w.y))
	for _, end := range []float64{w.low, w.high} {
		c.StrokeLine2(style, x(end), y(w.y)-2, x(end), y(w.y)+2)
	}
}

// bar is a bar of a plot.
type bar struct {
	left, right, low, high float64
	look                   barLook
}

// Plot implements plot.Plotter.
func (b bar) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	b.look.fill(&c, vg.Rectangle{Min: vg.Point{X: x(b.left), Y: y(b.low)}, Max: vg.Point{X: x(b.right), Y: y(b.high)}})
}

// barLook is the look of a bar, which the legend shows: a colour and its round, as barStyle has it.
type barLook struct {
	color color.RGBA
	round int
}

// Thumbnail implements plot.Thumbnailer.
func (s barLook) Thumbnail(c *draw.Canvas) { s.fill(c, c.Rectangle) }

// fill fills a rectangle, and after the first round outlines it.
func (s barLook) fill(c *draw.Canvas, r vg.Rectangle) {
	corners := []vg.Point{{X: r.Min.X, Y: r.Min.Y}, {X: r.Min.X, Y: r.Max.Y}, {X: r.Max.X, Y: r.Max.Y},
		{X: r.Max.X, Y: r.Min.Y}}
	c.FillPolygon(color.NRGBA{s.color.R, s.color.G, s.color.B, barFilling[s.round]}, corners)
	if s.round > 0 {
		c.StrokeLines(draw.LineStyle{Color: s.color, Width: 1.5}, append(corners, corners[0]))
	}
}

// swatch is a colour in a legend.
type swatch struct{ color color.Color }

// Thumbnail implements plot.Thumbnailer.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.color, []vg.Point{{X: c.Min.X, Y: c.Min.Y}, {X: c.Min.X, Y: c.Max.Y}, {X: c.Max.X, Y: c.Max.Y},
		{X: c.Max.X, Y: c.Min.Y}})
}
