package plots

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels draws small multiples: charts of lines side by side on one scale of y, each with its title, such as one
// for each task. Series of the same place in their panels have the same colour.
type Panels struct {
	Title   string
	Panels  []Lines
	Columns int // side by side; 0: 3
}

// Heading implements Chart.
func (p Panels) Heading() string { return p.Title }

func (p Panels) columns() int {
	if p.Columns == 0 {
		return 3
	}
	return p.Columns
}

func (p Panels) rows() int { return (len(p.Panels) + p.columns() - 1) / p.columns() }

// check returns an error where there is nothing to draw; panels are checked as they are drawn.
func (p Panels) check() error {
	if len(p.Panels) == 0 {
		return fmt.Errorf("chart %q: %w", p.Title, errEmpty)
	}
	if p.Columns < 0 {
		return fmt.Errorf("chart %q: %d columns are impossible", p.Title, p.Columns)
	}
	return nil
}

// Options implements Chart: the panels' own options, each on a grid of its own.
func (p Panels) Options() (map[string]any, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	low, high, err := p.yRange()
	if err != nil {
		return nil, err
	}
	var grids, titles, xs, ys, series []any
	var names []string
	for i, l := range p.Panels {
		panel, err := l.onGrid(i)
		if err != nil {
			return nil, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		// In per cent; left of the first column is room for the axis's name, right of each for the references'.
		column, row := i%p.columns(), i/p.columns()
		wide, tall := 92/float64(p.columns()), 94/float64(p.rows())
		left, top := 6+float64(column)*wide, 6+float64(row)*tall
		grids = append(grids, map[string]any{"left": percent(left), "top": percent(top + 0.14*tall),
			"width": percent(0.82 * wide), "height": percent(0.74 * tall), "containLabel": true})
		titles = append(titles, map[string]any{"text": l.Title, "left": percent(left + 0.41*wide), "top": percent(top),
			"textAlign": "center", "textStyle": map[string]any{"fontSize": 12}})
		if column > 0 {
			set(panel.YAxis, "name", "") // that of the first column
		}
		set(panel.YAxis, "nameGap", 36)
		set(panel.YAxis, "min", low)
		set(panel.YAxis, "max", high)
		xs, ys, series = append(xs, panel.XAxis...), append(ys, panel.YAxis...), append(series, panel.Series...)
		for _, s := range l.Series {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return map[string]any{"grid": grids, "title": titles, "xAxis": xs, "yAxis": ys, "series": series,
			"rem":     3 + 15*float64(p.rows()),
			"tooltip": map[string]any{"trigger": "axis"}, "legend": map[string]any{"show": true, "top": 0,
				"data": names}},
		nil
}

// panelOptions are those of a panel among others.
type panelOptions struct {
	XAxis, YAxis, Series []any
}

// onGrid are a chart's options on grid i of several.
func (l Lines) onGrid(i int) (panelOptions, error) {
	var panel panelOptions
	options, err := l.Options()
	if err != nil {
		return panel, err
	}
	encoded, err := json.Marshal(options)
	if err == nil {
		err = json.Unmarshal(encoded, &panel) // the fields of go-echarts' types by their names
	}
	set(panel.XAxis, "gridIndex", i)
	set(panel.YAxis, "gridIndex", i)
	set(panel.Series, "xAxisIndex", i)
	set(panel.Series, "yAxisIndex", i)
	set(append(panel.XAxis, panel.YAxis...), "splitNumber", 3)
	set(panel.XAxis, "axisLabel", map[string]any{"hideOverlap": true})
	// the ends need not be round
	set(panel.YAxis, "axisLabel", map[string]any{"showMinLabel": false, "showMaxLabel": false})
	return panel, err
}

// set gives each of several objects of JSON the value.
func set(objects []any, key string, value any) {
	for _, o := range objects {
		o.(map[string]any)[key] = value
	}
}

// yRange is the range that the panels share, rounded outwards.
func (p Panels) yRange() (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range p.Panels {
		drawn, err := l.plot()
		if err != nil {
			return 0, 0, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		low, high = min(low, drawn.Y.Min), max(high, drawn.Y.Max)
	}
	if low == high {
		return low - 0.5, high + 0.5, nil
	}
	step := math.Pow(10, math.Round(math.Log10(high-low))) / 5
	least, most := outwards(low, high, step)
	if least <= 0 && slices.ContainsFunc(p.Panels, func(l Lines) bool { return l.LogY }) {
		least = low // 0 has no place on a logarithmic axis
	}
	return least, most, nil
}

// panelHeight is that of a row of the static picture.
const panelHeight = 4.5 * vg.Centimeter

// SVG implements Chart.
func (p Panels) SVG() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	low, high, err := p.yRange()
	if err != nil {
		return nil, err
	}
	drawn, legend := make([]*plot.Plot, len(p.Panels)), plot.NewLegend()
	most := -1
	for i, l := range p.Panels {
		if drawn[i], err = l.plot(); err != nil {
			return nil, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		drawn[i].Title.Text, drawn[i].Y.Min, drawn[i].Y.Max = l.Title, low, high
		if entries := len(l.Series) + len(l.References); entries > most {
			most, legend = entries, drawn[i].Legend // it stands beside, once for all
		}
		drawn[i].Legend = plot.NewLegend()
	}
	return render(vg.Length(p.rows())*panelHeight, func(canvas draw.Canvas) {
		legend.Draw(draw.Crop(canvas, width-legendWidth, 0, 0, 0))
		tiles := draw.Tiles{Rows: p.rows(), Cols: p.columns(), PadX: 4, PadY: 6}
		for i, panel := range drawn {
			panel.Draw(tiles.At(draw.Crop(canvas, 0, -legendWidth, 0, 0), i%p.columns(), i/p.columns()))
		}
	})
}
