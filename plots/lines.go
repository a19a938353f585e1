package plots

import (
	"fmt"
	"image/color"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is a named curve or set of points. A NaN in Y is a gap.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // marks instead of a curve
}

// Reference is a horizontal line with a label, such as a ceiling.
type Reference struct {
	Name string
	Y    float64
}

// Lines draws curves over a numeric axis.
type Lines struct {
	Title          string
	XLabel, YLabel string // with units
	Series         []Series
	References     []Reference
}

// Heading implements Chart.
func (l Lines) Heading() string { return l.Title }

// check returns an error where there is nothing to draw.
func (l Lines) check() error {
	any := false
	for _, s := range l.Series {
		if len(s.X) != len(s.Y) {
			return fmt.Errorf("chart %q: series %q has %d x and %d y", l.Title, s.Name, len(s.X), len(s.Y))
		}
		for i := range s.X {
			any = any || isFinite(s.X[i]) && isFinite(s.Y[i])
		}
	}
	if !any {
		return fmt.Errorf("chart %q: %w", l.Title, errEmpty)
	}
	return nil
}

// Options implements Chart.
func (l Lines) Options() (map[string]any, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	line := charts.NewLine()
	line.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Name: l.XLabel, NameLocation: "middle", NameGap: 28, Scale: opts.Bool(true)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Name: l.YLabel, NameLocation: "middle", NameGap: 48, Scale: opts.Bool(true)}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Top: "0"}),
		charts.WithGridOpts(opts.Grid{Left: "70", Right: "90", Top: "40", Bottom: "50"}),
		charts.WithToolboxOpts(opts.Toolbox{Show: opts.Bool(true), Feature: &opts.ToolBoxFeature{
			SaveAsImage: &opts.ToolBoxFeatureSaveAsImage{Show: opts.Bool(true), Title: "save"},
			DataZoom:    &opts.ToolBoxFeatureDataZoom{Show: opts.Bool(true), Title: map[string]string{"zoom": "zoom", "back": "back"}}}}),
	)
	for i, s := range l.Series {
		line.AddSeries(s.Name, s.data(), l.seriesOptions(i, s)...)
	}
	return line.JSON(), nil
}

// seriesOptions are those of series i; the first carries the reference lines.
func (l Lines) seriesOptions(i int, s Series) []charts.SeriesOpts {
	style := opts.LineStyle{Width: 2, Color: hex(seriesColor(i))}
	if s.Points {
		style.Width = 0.001 // ECharts takes 0 for unset
	}
	options := []charts.SeriesOpts{
		charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(s.Points || len(s.X) < 60), Symbol: "circle", SymbolSize: map[bool]int{true: 9, false: 4}[s.Points]}),
		charts.WithLineStyleOpts(style),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: hex(seriesColor(i))}),
	}
	if i > 0 {
		return options
	}
	for _, r := range l.References {
		options = append(options, charts.WithMarkLineNameYAxisItemOpts(opts.MarkLineNameYAxisItem{Name: r.Name, YAxis: r.Y}))
	}
	return append(options, charts.WithMarkLineStyleOpts(opts.MarkLineStyle{Symbol: []string{"none", "none"},
		Label:     &opts.Label{Show: opts.Bool(true), Formatter: "{b}", Color: hex(referenceColor)},
		LineStyle: &opts.LineStyle{Color: hex(referenceColor), Type: "dashed"}}))
}

// data are the pairs of x and y; "-" is ECharts' gap.
func (s Series) data() []opts.LineData {
	data := make([]opts.LineData, len(s.X))
	for i := range s.X {
		data[i].Value = []any{s.X[i], "-"}
		if isFinite(s.Y[i]) {
			data[i].Value = []any{s.X[i], s.Y[i]}
		}
	}
	return data
}

// SVG implements Chart.
func (l Lines) SVG() ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	p := newPlot(l.XLabel, l.YLabel)
	p.Add(gridLines())
	low, high := l.xRange()
	for i, r := range l.References {
		line, err := plotter.NewLine(plotter.XYs{{X: low, Y: r.Y}, {X: high, Y: r.Y}})
		if err != nil {
			return nil, err
		}
		line.Color, line.Dashes = referenceColor, []vg.Length{vg.Points(float64(2 + 2*i)), vg.Points(3)}
		p.Add(line)
		p.Legend.Add(r.Name, line)
	}
	for i, s := range l.Series {
		if err := s.addTo(p, seriesColor(i)); err != nil {
			return nil, fmt.Errorf("chart %q: %w", l.Title, err)
		}
	}
	p.Y.Max += 0.25 * (p.Y.Max - p.Y.Min) // room for the legend
	return render(height, p.Draw)
}

func gridLines() *plotter.Grid {
	g := plotter.NewGrid()
	faint := color.NRGBA{0x88, 0x88, 0x88, 0x40}
	g.Horizontal.Color, g.Vertical.Color = faint, faint
	return g
}

// addTo adds the series' unbroken stretches.
func (s Series) addTo(p *plot.Plot, c color.Color) error {
	inLegend := false
	for _, stretch := range s.stretches() {
		var drawn interface {
			plot.Plotter
			plot.Thumbnailer
		}
		if s.Points {
			points, err := plotter.NewScatter(stretch)
			if err != nil {
				return err
			}
			points.GlyphStyle = draw.GlyphStyle{Color: c, Radius: 3, Shape: draw.CircleGlyph{}}
			drawn = points
		} else {
			line, err := plotter.NewLine(stretch)
			if err != nil {
				return err
			}
			line.Color, line.Width = c, vg.Points(1.5)
			drawn = line
		}
		p.Add(drawn)
		if !inLegend {
			p.Legend.Add(s.Name, drawn)
			inLegend = true
		}
	}
	return nil
}

// stretches are the runs between gaps.
func (s Series) stretches() (runs []plotter.XYs) {
	var run plotter.XYs
	for i := range s.X {
		if isFinite(s.X[i]) && isFinite(s.Y[i]) {
			run = append(run, plotter.XY{X: s.X[i], Y: s.Y[i]})
			continue
		}
		if len(run) > 0 {
			runs = append(runs, run)
		}
		run = nil
	}
	if len(run) > 0 {
		runs = append(runs, run)
	}
	return runs
}

func (l Lines) xRange() (low, high float64) {
	first := true
	for _, s := range l.Series {
		for _, x := range s.X {
			if isFinite(x) && (first || x < low) {
				low = x
			}
			if isFinite(x) && (first || x > high) {
				high = x
			}
			first = first && !isFinite(x)
		}
	}
	return low, high
}
