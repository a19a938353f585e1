//go:build !js

package plots

import (
	"fmt"
	"image/color"
	"iter"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SVG implements Chart.
func (p Parallel) SVG() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p = p.thinned()
	picture := newPlot("", "")
	picture.HideY()
	known, unknown := p.known()
	last := len(p.Axes) - 1
	low, high := p.span(last)
	palette := lineColors.Colors()
	for _, point := range unknown {
		if err := p.addLine(picture, point[:last], referenceColor); err != nil {
			return nil, fmt.Errorf("chart %q: %w", p.Title, err)
		}
	}
	for _, point := range known {
		c := palette[int(math.Round(min(max(p.place(last, point[last]), 0), 1)*(paletteSize-1)))]
		if err := p.addLine(picture, point, c); err != nil {
			return nil, fmt.Errorf("chart %q: %w", p.Title, err)
		}
	}
	if err := p.addAxes(picture); err != nil {
		return nil, fmt.Errorf("chart %q: %w", p.Title, err)
	}
	return render(height, func(canvas draw.Canvas) {
		scale := colourScale{low: low, high: high, palette: lineColors}
		scale.draw(draw.Crop(canvas, width-scale.width(), 0, 0, 0))
		picture.Draw(draw.Crop(canvas, 0, -scale.width()-vg.Centimeter/2, 0, 0))
	})
}

// place returns where a number stands on an axis, from 0 to 1.
func (p Parallel) place(axis int, x float64) float64 {
	low, high := p.span(axis)
	if p.Axes[axis].Log {
		return logScale{}.Normalize(low, high, x)
	}
	return linearScale{}.Normalize(low, high, x)
}

func (p Parallel) addLine(picture *plot.Plot, point []float64, c color.Color) error {
	corners := make(plotter.XYs, len(point))
	for a, x := range point {
		corners[a] = plotter.XY{X: float64(a), Y: p.place(a, x)}
	}
	line, err := plotter.NewLine(corners)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.2)
	picture.Add(line)
	return nil
}

// marks yields the numbers written at an axis, each with its text: the ends of its range, or all its choices.
func (p Parallel) marks(axis int) iter.Seq2[float64, string] {
	return func(yield func(float64, string) bool) {
		low, high := p.span(axis)
		if len(p.Axes[axis].Choices) == 0 {
			_ = yield(low, strconv.FormatFloat(low, 'g', 3, 64)) && yield(high, strconv.FormatFloat(high, 'g', 3, 64))
			return
		}
		for i, name := range p.Axes[axis].Choices {
			if !yield(float64(i), name) {
				return
			}
		}
	}
}

// addAxes draws the axes with the numbers at their ends, and their names below.
func (p Parallel) addAxes(picture *plot.Plot) error {
	ticks := make(plot.ConstantTicks, len(p.Axes))
	var ends plotter.XYLabels
	for a, axis := range p.Axes {
		ticks[a] = plot.Tick{Value: float64(a), Label: axis.Name}
		picture.Add(rectangle{float64(a) - 0.004, float64(a) + 0.004, 0, 1, referenceColor})
		for at, label := range p.marks(a) {
			ends.XYs = append(ends.XYs, plotter.XY{X: float64(a) + 0.02, Y: p.place(a, at)*1.06 - 0.05})
			ends.Labels = append(ends.Labels, label)
		}
	}
	labels, err := plotter.NewLabels(ends)
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Variant, labels.TextStyle[i].Font.Size = "Sans", 8
	}
	picture.Add(labels)
	picture.X.Tick.Marker = ticks
	picture.X.Min, picture.X.Max, picture.Y.Min, picture.Y.Max = -0.3, float64(len(p.Axes))-0.6, -0.08, 1.08
	return nil
}
