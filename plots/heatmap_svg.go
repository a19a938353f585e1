//go:build !js

package plots

import (
	"fmt"
	"math"
	"strconv"

	"engram/internal/numbers"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The numbers of small multiples in the static picture: side by side, and in all. Of more matrices it shows some at
// even distances, including the first and the last.
const (
	framesPerRow = 8
	framesShown  = 2 * framesPerRow
)

// SVG implements Chart.
func (h Heatmap) SVG() ([]byte, error) {
	low, high, err := h.bounds()
	if err != nil {
		return nil, err
	}
	h = h.thinned()
	frames := evenly(len(h.Matrices), framesShown)
	columns := min(framesPerRow, len(frames))
	rows := (len(frames) + columns - 1) / columns
	tall := vg.Length(rows) * 4 * vg.Centimeter
	if len(frames) == 1 {
		tall = height
	}
	return render(tall, func(canvas draw.Canvas) {
		scale := h.scale(low, high)
		scale.draw(draw.Crop(canvas, width-scale.width(), 0, 0, 0))
		canvas = draw.Crop(canvas, 0, -scale.width()-vg.Centimeter/2, 0, 0)
		if len(frames) == 1 {
			p := h.plot(0, low, high)
			p.X.Label.Text, p.Y.Label.Text = h.XLabel, h.YLabel
			p.Draw(canvas)
			return
		}
		tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: 2, PadY: 4}
		for i, frame := range frames {
			p := h.plot(frame, low, high)
			p.Title.Text = h.Frames[frame]
			p.HideAxes()
			p.Draw(tiles.At(canvas, i%columns, i/columns))
		}
	})
}

// The width of the legend of colours, and its width if its numbers are long. In less space gonum computes a width of
// NaN for the colours.
const (
	scaleWidth     = 2.4 * vg.Centimeter
	wideScaleWidth = 3.6 * vg.Centimeter
	longLabel      = 4 // letters
)

// colourScale is the legend of colours.
type colourScale struct {
	label     string
	low, high float64
	palette   palette.Palette
	log       bool // low and high are exponents of 10
}

func (h Heatmap) scale(low, high float64) colourScale {
	return colourScale{h.Values, low, high, h.palette(low), h.Log}
}

// width returns the width of the legend.
func (s colourScale) width() vg.Length {
	for _, t := range s.ticks() {
		if len(t.Label) > longLabel {
			return wideScaleWidth
		}
	}
	return scaleWidth
}

// draw draws the legend.
func (s colourScale) draw(canvas draw.Canvas) {
	p := newPlot("", s.label)
	p.HideX()
	column := make(grid, paletteSize)
	for i := range column {
		column[paletteSize-1-i] = []float64{float64(i)}
	}
	colours := plotter.NewHeatMap(column, s.palette)
	colours.Rasterized = true
	addCells(p, colours)
	p.Y.Tick.Marker = s.ticks()
	p.Draw(canvas)
}

// ticks returns five numbers at even distances; for a logarithmic scale, powers of 10.
func (s colourScale) ticks() plot.ConstantTicks {
	var ticks plot.ConstantTicks
	place := func(at float64) float64 { return linearScale{}.Normalize(s.low, s.high, at) * (paletteSize - 1) }
	if !s.log {
		for i := range 5 {
			at := (s.low/4)*float64(4-i) + (s.high/4)*float64(i)
			ticks = append(ticks, plot.Tick{Value: place(at), Label: strconv.FormatFloat(at, 'g', 3, 64)})
		}
		return ticks
	}
	every := math.Ceil((s.high - s.low) / 5)
	for at := s.high; at >= s.low; at -= every {
		ticks = append(ticks, plot.Tick{Value: place(at), Label: fmt.Sprintf("1e%.0f", at)})
	}
	return ticks
}

// plot returns the static picture of frame i. Each cell is one pixel of an image, which has no seams and stays small.
func (h Heatmap) plot(i int, low, high float64) *plot.Plot {
	p := newPlot("", "")
	m := plotter.NewHeatMap(h.grid(i, low, high), h.palette(low))
	m.Min, m.Max = 0, 1
	m.Rasterized = true
	addCells(p, m)
	var ticks []plot.Tick
	names := h.rowNames()
	for r, name := range names {
		if len(h.Rows) > 0 && len(h.columns) == 0 || r%max(1, len(names)/8) == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(len(names) - 1 - r), Label: name})
		}
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	markColumns(p, h.columns)
	return p
}

// addCells adds a heat map. Its axes are of gonum's own linear scale, because gonum distorts the image of any other.
func addCells(p *plot.Plot, m *plotter.HeatMap) {
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, plot.LinearScale{}
	p.Add(m)
}

// grid returns matrix i scaled to its colours: 0 is the lowest, 1 the highest.
func (h Heatmap) grid(i int, low, high float64) grid {
	g := make(grid, len(h.Matrices[i]))
	for r, row := range h.Matrices[i] {
		for _, x := range row {
			g[r] = append(g[r], linearScale{}.Normalize(low, high, h.scaled(x)))
		}
	}
	return g
}

// grid is a matrix in the form of gonum/plot, with row 0 on top. NaN and infinite numbers have no colour.
type grid [][]float64

func (g grid) Dims() (columns, rows int) { return len(g[0]), len(g) }
func (g grid) X(c int) float64           { return float64(c) }
func (g grid) Y(r int) float64           { return float64(r) }
func (g grid) Z(c, r int) float64 {
	if z := g[len(g)-1-r][c]; numbers.Finite(z) {
		return z
	}
	return math.NaN()
}
