//go:build !js

package plots

import (
	"fmt"
	"image/color"
	"math"

	"engram/internal/numbers"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The heights of the static picture's panels.
const (
	channelHeight = 1.2 * vg.Centimeter
	actionsHeight = 2.6 * vg.Centimeter
	valuesHeight  = 4 * vg.Centimeter
	legendWidth   = 3 * vg.Centimeter
)

// SVG implements Chart.
func (t Trial) SVG() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	var panels []*plot.Plot
	var heights []vg.Length
	for c := range t.Observed {
		panel, err := t.channelPanel(c)
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", t.Title, err)
		}
		panels, heights = append(panels, panel), append(heights, channelHeight)
	}
	actions, err := t.actionsPanel()
	if err != nil {
		return nil, fmt.Errorf("chart %q: %w", t.Title, err)
	}
	panels, heights = append(panels, actions), append(heights, actionsHeight)
	if len(t.Q) > 0 {
		values, err := t.valuesPanel()
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", t.Title, err)
		}
		panels, heights = append(panels, values), append(heights, valuesHeight)
	}
	panels[len(panels)-1].X.Label.Text = t.XLabel
	return stack(panels, heights)
}

// stack draws panels below each other, with their step axes aligned.
func stack(panels []*plot.Plot, heights []vg.Length) ([]byte, error) {
	var total vg.Length
	column := make([][]*plot.Plot, len(panels))
	for i, h := range heights {
		total += h
		column[i] = panels[i : i+1]
	}
	return render(total, func(canvas draw.Canvas) {
		// Align returns equal heights and a common left edge. The heights are replaced, and legends stand beside.
		aligned := plot.Align(column, draw.Tiles{Rows: len(panels), Cols: 1}, draw.Crop(canvas, 0, -legendWidth, 0, 0))
		top := canvas.Max.Y
		for i, p := range panels {
			area := aligned[i][0]
			area.Max.Y, area.Min.Y = top, top-heights[i]
			legend := p.Legend
			p.Legend = plot.NewLegend()
			p.Draw(area)
			legend.Draw(draw.Crop(area, area.Size().X, legendWidth, 0, 0))
			top -= heights[i]
		}
	})
}

// panel returns an empty panel over the steps of the trial, with its periods shaded.
func (t Trial) panel(yLabel string, low, high float64) *plot.Plot {
	p := newPlot("", yLabel)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(len(t.Actions))-0.5, low, high
	addPeriods(p, t.Periods)
	return p
}

// rectangle is a filled area of a plot.
type rectangle struct {
	left, right, low, high float64
	color                  color.Color
}

// Plot implements plot.Plotter.
func (r rectangle) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.FillPolygon(r.color, []vg.Point{{X: x(r.left), Y: y(r.low)}, {X: x(r.right), Y: y(r.low)},
		{X: x(r.right), Y: y(r.high)}, {X: x(r.left), Y: y(r.high)}})
}

// channelPanel draws a channel as bars one step wide. The panel of the first channel also names the periods.
func (t Trial) channelPanel(channel int) (*plot.Plot, error) {
	low, high := span(t.Observed)
	p := t.panel("", low, high)
	row := t.Observed[channel]
	steps := strongest(len(row), t.most(), func(i int) float64 { return math.Abs(row[i]) })
	half := math.Ceil(float64(len(row))/float64(len(steps))) / 2 // of a step, or of the block that it stands for
	for _, step := range steps {
		if x := row[step]; numbers.Finite(x) {
			p.Add(rectangle{float64(step) - half, float64(step) + half, 0, x, seriesColor(0)})
		}
	}
	p.HideX()
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: (low + high) / 2, Label: t.Channels[channel]}}
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	if channel > 0 {
		return p, nil
	}
	return p, namePeriods(p, t.Periods)
}

// actionsPanel marks the action of each step, the correct action around it, and rewards on top.
func (t Trial) actionsPanel() (*plot.Plot, error) {
	p := t.panel("", -0.6, float64(len(t.ActionNames))-0.1)
	var ticks plot.ConstantTicks
	for a, name := range t.ActionNames {
		ticks = append(ticks, plot.Tick{Value: float64(a), Label: name})
	}
	p.Y.Tick.Marker = ticks
	if len(t.Q) > 0 {
		p.HideX()
	}
	groups := []struct {
		name  string
		style draw.GlyphStyle
		has   func(step int) (action int, ok bool)
	}{
		{"action", draw.GlyphStyle{Color: seriesColor(0), Radius: 2.5, Shape: draw.CircleGlyph{}},
			func(step int) (int, bool) { return t.Actions[step], true }},
		{"ground truth", draw.GlyphStyle{Color: seriesColor(2), Radius: 4.5, Shape: draw.RingGlyph{}},
			func(step int) (int, bool) { return at(t.GroundTruth, step) }},
		{"reward", draw.GlyphStyle{Color: seriesColor(4), Radius: 5, Shape: draw.TriangleGlyph{}},
			func(step int) (int, bool) { return t.Actions[step], t.reward(step) > 0 }},
		{"punishment", draw.GlyphStyle{Color: seriesColor(1), Radius: 5, Shape: draw.CrossGlyph{}},
			func(step int) (int, bool) { return t.Actions[step], t.reward(step) < 0 }},
	}
	for _, g := range groups {
		var marks plotter.XYs
		for _, step := range t.acted(t.Actions) {
			if a, ok := g.has(step); ok {
				marks = append(marks, plotter.XY{X: float64(step), Y: float64(a)})
			}
		}
		if len(marks) == 0 {
			continue
		}
		scatter, err := plotter.NewScatter(marks)
		if err != nil {
			return nil, err
		}
		scatter.GlyphStyle = g.style
		p.Add(scatter)
		p.Legend.Add(g.name, scatter)
	}
	p.X.Min, p.X.Max = -0.5, float64(len(t.Actions))-0.5
	return p, nil
}

// at returns entry i of a list; ok is false past its end.
func at(list []int, i int) (int, bool) {
	if i >= len(list) {
		return 0, false
	}
	return list[i], true
}

// valuesPanel draws the value of each action over the steps.
func (t Trial) valuesPanel() (*plot.Plot, error) {
	low, high := span(t.Q)
	p := t.panel("Q", low, high)
	curves := Lines{}
	for a, q := range t.Q {
		s := Series{Name: "Q(" + t.ActionNames[a] + ")"}
		for _, step := range strongest(len(q), t.most(), func(i int) float64 { return math.Abs(q[i]) }) {
			s.X, s.Y = append(s.X, float64(step)), append(s.Y, q[step])
		}
		mark, err := curves.addSeries(p, s, seriesColor(a), roundAt(0, a))
		if err != nil {
			return nil, err
		}
		if mark != nil {
			p.Legend.Add(s.Name, mark)
		}
	}
	p.X.Min, p.X.Max = -0.5, float64(len(t.Actions))-0.5
	return p, nil
}
