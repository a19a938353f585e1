package plots

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heatmap draws one or several matrices of the same shape: one as a picture; several, such as M over the steps
// of a trial, with a slider, and as small multiples in the static picture. Row 0 is on top. Colours diverge from
// 0 where numbers have both signs.
type Heatmap struct {
	Title          string
	XLabel, YLabel string        // of the columns and of the rows
	Matrices       [][][]float64 // [frames][rows][columns]
	Frames         []string      // a name for each matrix; may be empty where there is one
	Rows           []string      // names of the rows; empty: numbers
}

// Heading implements Chart.
func (h Heatmap) Heading() string { return h.Title }

// bounds are the limits of the colours; an error says what is wrong with the matrices.
func (h Heatmap) bounds() (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, m := range h.Matrices {
		for _, row := range m {
			if len(m) != len(h.Matrices[0]) || len(row) != len(h.Matrices[0][0]) {
				return 0, 0, fmt.Errorf("chart %q: its matrices have different shapes", h.Title)
			}
			for _, x := range row {
				if isFinite(x) {
					low, high = min(low, x), max(high, x)
				}
			}
		}
	}
	if low > high {
		return 0, 0, fmt.Errorf("chart %q: %w", h.Title, errEmpty)
	}
	if len(h.Frames) != len(h.Matrices) && len(h.Matrices) > 1 || len(h.Rows) > 0 && len(h.Rows) != len(h.Matrices[0]) {
		return 0, 0, fmt.Errorf("chart %q: %d names for %d matrices, %d for %d rows", h.Title, len(h.Frames), len(h.Matrices), len(h.Rows), len(h.Matrices[0]))
	}
	if low < 0 {
		high = max(high, -low)
		low = -high
	} else {
		low = 0
	}
	if high == low {
		high = low + 1
	}
	return low, high, nil
}

// Options implements Chart.
func (h Heatmap) Options() (map[string]any, error) {
	low, high, err := h.bounds()
	if err != nil {
		return nil, err
	}
	base := h.baseOptions(low, high)
	if len(h.Matrices) == 1 {
		return base, nil
	}
	var frames []map[string]any
	for _, m := range h.Matrices {
		frames = append(frames, map[string]any{"series": []map[string]any{{"data": cells(m)}}})
	}
	base["timeline"] = map[string]any{"axisType": "category", "data": h.Frames, "playInterval": 600, "bottom": 0, "currentIndex": len(h.Frames) - 1}
	return map[string]any{"baseOption": base, "options": frames}, nil
}

func (h Heatmap) baseOptions(low, high float64) map[string]any {
	bottom := "50"
	if len(h.Matrices) > 1 {
		bottom = "100"
	}
	chart := charts.NewHeatMap()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "category", Name: h.XLabel, NameLocation: "middle", NameGap: 28, Data: numbers(len(h.Matrices[0][0]))}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Name: h.YLabel, NameLocation: "middle", NameGap: 80, Data: h.rowNames()}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "110", Right: "90", Top: "10", Bottom: bottom}),
		charts.WithVisualMapOpts(opts.VisualMap{Calculable: opts.Bool(true), Min: float32(low), Max: float32(high), Right: "0", Top: "middle",
			InRange: &opts.VisualMapInRange{Color: hexes(paletteFor(low))}}),
	)
	var data []opts.HeatMapData
	for _, cell := range cells(h.Matrices[len(h.Matrices)-1]) {
		data = append(data, opts.HeatMapData{Value: cell})
	}
	chart.AddSeries(h.Title, data)
	options := chart.JSON()
	if axes, ok := options["yAxis"].([]opts.YAxis); ok && len(axes) > 0 {
		options["yAxis"] = map[string]any{"type": "category", "inverse": true, "name": h.YLabel, "nameLocation": "middle", "nameGap": 80, "data": h.rowNames()}
	}
	return options
}

// cells are [column, row, value] of a matrix.
func cells(m [][]float64) [][]any {
	var out [][]any
	for r, row := range m {
		for c, x := range row {
			if isFinite(x) {
				out = append(out, []any{c, r, x})
			}
		}
	}
	return out
}

func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

func (h Heatmap) rowNames() []string {
	if len(h.Rows) > 0 {
		return h.Rows
	}
	return numbers(len(h.Matrices[0]))
}

// framesPerRow is how many small multiples stand side by side.
const framesPerRow = 8

// SVG implements Chart.
func (h Heatmap) SVG() ([]byte, error) {
	low, high, err := h.bounds()
	if err != nil {
		return nil, err
	}
	if len(h.Matrices) == 1 {
		p := h.plot(0, low, high)
		p.X.Label.Text, p.Y.Label.Text = h.XLabel, h.YLabel
		return render(height, p.Draw)
	}
	rows := (len(h.Matrices) + framesPerRow - 1) / framesPerRow
	return render(vg.Length(rows)*4*vg.Centimeter, func(canvas draw.Canvas) {
		tiles := draw.Tiles{Rows: rows, Cols: framesPerRow, PadX: 2, PadY: 4}
		for i := range h.Matrices {
			p := h.plot(i, low, high)
			p.Title.Text = h.Frames[i]
			p.HideAxes()
			p.Draw(tiles.At(canvas, i%framesPerRow, i/framesPerRow))
		}
	})
}

// plot is the static picture of frame i.
func (h Heatmap) plot(i int, low, high float64) *plot.Plot {
	p := newPlot("", "")
	m := plotter.NewHeatMap(grid(h.Matrices[i]), paletteFor(low))
	m.Min, m.Max = low, high
	m.Rasterized = len(h.Matrices[i])*len(h.Matrices[i][0]) > 4000
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

// grid is a matrix as gonum/plot reads it, with row 0 on top.
type grid [][]float64

func (g grid) Dims() (columns, rows int) { return len(g[0]), len(g) }
func (g grid) X(c int) float64           { return float64(c) }
func (g grid) Y(r int) float64           { return float64(r) }
func (g grid) Z(c, r int) float64        { return g[len(g)-1-r][c] }
