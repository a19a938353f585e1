//go:build !js

package plots

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// SVG implements Chart.
func (c Course) SVG() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	p, names, err := c.plot()
	if err != nil {
		return nil, err
	}
	addPeriods(p, c.Periods)
	if err := namePeriods(p, c.Periods); err != nil {
		return nil, fmt.Errorf("chart %q: %w", c.Title, err)
	}
	return names.renderBelow(height, p.Draw)
}

// addPeriods shades every second period over the height of a plot.
func addPeriods(p *plot.Plot, periods []Period) {
	for i, period := range periods {
		if i%2 == 1 {
			p.Add(rectangle{float64(period.Start) - 0.5, float64(period.End) - 0.5, p.Y.Min, p.Y.Max,
				color.NRGBA{0x88, 0x88, 0x88, 0x24}})
		}
	}
}

// namePeriods writes the names of periods above a plot.
func namePeriods(p *plot.Plot, periods []Period) error {
	if len(periods) == 0 {
		return nil
	}
	left, right := p.X.Min, p.X.Max
	names := plotter.XYLabels{XYs: make(plotter.XYs, len(periods)), Labels: make([]string, len(periods))}
	for i, period := range periods {
		at := max(left, min(right, float64(period.Start)-0.4))
		names.XYs[i], names.Labels[i] = plotter.XY{X: at, Y: p.Y.Max}, period.Name
	}
	labels, err := plotter.NewLabels(names)
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Variant, labels.TextStyle[i].Font.Size = "Sans", 8
	}
	labels.Offset.Y = 2
	p.Add(labels)
	p.X.Min, p.X.Max = left, right
	return nil
}
