package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The small multiples of the static picture: so many side by side, and in all; where there are more matrices, an
// even choice of them with the first and the last.
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
	frames := evenly(len(h.Matrices), framesShown)
	rows := (len(frames) + framesPerRow - 1) / framesPerRow
	tall := vg.Length(rows) * 4 * vg.Centimeter
	if len(frames) == 1 {
		tall = height
	}
	return render(tall, func(canvas draw.Canvas) {
		drawScale(draw.Crop(canvas, width-scaleWidth, 0, 0, 0), low, high)
		canvas = draw.Crop(canvas, 0, -scaleWidth-vg.Centimeter/2, 0, 0)
		if len(frames) == 1 {
			p := h.plot(0, low, high)
			p.X.Label.Text, p.Y.Label.Text = h.XLabel, h.YLabel
			p.Draw(canvas)
			return
		}
		tiles := draw.Tiles{Rows: rows, Cols: framesPerRow, PadX: 2, PadY: 4}
		for i, frame := range frames {
			p := h.plot(frame, low, high)
			p.Title.Text = h.Frames[frame]
			p.HideAxes()
			p.Draw(tiles.At(canvas, i%framesPerRow, i/framesPerRow))
		}
	})
}

// evenly chooses at most k of n indices, at even distances, the first and the last among them.
func evenly(n, k int) []int {
	k = min(n, k)
	chosen := make([]int, k)
	for i := range chosen {
		chosen[i] = i * (n - 1) / max(1, k-1)
	}
	return chosen
}

const scaleWidth = 2 * vg.Centimeter

// drawScale draws the legend of the colours.
func drawScale(canvas draw.Canvas, low, high float64) {
	p := newPlot("", "")
	p.HideX()
	scale := make(grid, paletteSize)
	for i := range scale {
		scale[paletteSize-1-i] = []float64{float64(i)}
	}
	colours := plotter.NewHeatMap(scale, paletteFor(low))
	colours.Rasterized = true
	p.Add(colours)
	var ticks []plot.Tick
	for i := range 5 {
		part := float64(i) / 4
		label := strconv.FormatFloat(low+part*(high-low), 'g', 3, 64)
		ticks = append(ticks, plot.Tick{Value: part * (paletteSize - 1), Label: label})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Draw(canvas)
}

// plot is the static picture of frame i: one pixel a cell, which has no seams and stays small.
func (h Heatmap) plot(i int, low, high float64) *plot.Plot {
	p := newPlot("", "")
	m := plotter.NewHeatMap(grid(h.Matrices[i]), paletteFor(low))
	m.Min, m.Max = low, high
	m.Rasterized = true
	p.Add(m)
	var ticks []plot.Tick
	names := h.rowNames()
	for r, name := range names {
		if len(h.Rows) > 0 || r%max(1, len(names)/8) == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(len(names) - 1 - r), Label: name})
		}
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	return p
}

// grid is a matrix as gonum/plot reads it, with row 0 on top; what is not finite stays without colour.
type grid [][]float64

func (g grid) Dims() (columns, rows int) { return len(g[0]), len(g) }
func (g grid) X(c int) float64           { return float64(c) }
func (g grid) Y(r int) float64           { return float64(r) }
func (g grid) Z(c, r int) float64 {
	if z := g[len(g)-1-r][c]; isFinite(z) {
		return z
	}
	return math.NaN()
}
