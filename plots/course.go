package plots

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// Course draws curves over the steps of a trial, or of several, with the periods shaded and named: what happens in a
// network, beside what Trial draws of the task. x is the step, from 0.
type Course struct {
	Lines
	Periods []Period
}

// check returns an error if a period has no place in the steps.
func (c Course) check() error {
	if err := c.Lines.check(); err != nil {
		return err
	}
	for _, p := range c.Periods {
		if p.Start < 0 || p.End <= p.Start {
			return fmt.Errorf("chart %q: period %q is from %d to %d: use 0 or more, and an end after it", c.Title,
				p.Name, p.Start, p.End)
		}
	}
	return nil
}

// Options implements Chart.
func (c Course) Options() (map[string]any, error) { return plain(c.options()) }

func (c Course) options() (options, error) {
	if err := c.check(); err != nil {
		return options{}, err
	}
	o, err := c.Lines.options()
	if err != nil {
		return options{}, err
	}
	o.Series[len(o.Series)-1].MarkArea = shadedPeriods(c.Periods, true)
	return o, nil
}

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
