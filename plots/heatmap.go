package plots

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/palette"
)

// Heatmap draws one or several matrices of the same shape: one as a picture; several, such as M over the steps
// of a trial, with a slider, and as small multiples in the static picture. Row 0 is on top. Colours diverge from
// 0 where numbers have both signs; what is not finite has none.
type Heatmap struct {
	Title          string
	XLabel, YLabel string        // of the columns and of the rows
	Matrices       [][][]float64 // [frames][rows][columns]
	Frames         []string      // a name for each matrix; may be empty where there is one
	Rows           []string      // names of the rows; empty: numbers
	Values         string        // what the colours stand for, with its unit; empty: not written
	Log            bool          // colours by the logarithm; what is not positive, such as an exact 0, has none
}

// Heading implements Chart.
func (h Heatmap) Heading() string { return h.Title }

// bounds are the limits of the colours; an error says what is wrong with the matrices.
func (h Heatmap) bounds() (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	for i, m := range h.Matrices {
		if len(m) != len(h.Matrices[0]) {
			return 0, 0, fmt.Errorf("chart %q: matrix %d has %d rows, the first has %d", h.Title, i, len(m),
				len(h.Matrices[0]))
		}
		for r, row := range m {
			if len(row) != len(h.Matrices[0][0]) {
				return 0, 0, fmt.Errorf("chart %q: row %d of matrix %d has %d columns, the first row has %d", h.Title,
					r, i, len(row), len(h.Matrices[0][0]))
			}
			for _, x := range row {
				if x = h.scaled(x); isFinite(x) {
					low, high = min(low, x), max(high, x)
				}
			}
		}
	}
	if low > high {
		return 0, 0, fmt.Errorf("chart %q: %w", h.Title, errEmpty)
	}
	if len(h.Frames) != len(h.Matrices) && len(h.Matrices) > 1 || len(h.Rows) > 0 && len(h.Rows) != len(h.Matrices[0]) {
		return 0, 0, fmt.Errorf("chart %q: %d names for %d matrices, %d for %d rows", h.Title, len(h.Frames),
			len(h.Matrices), len(h.Rows), len(h.Matrices[0]))
	}
	if h.Log {
		low, high = math.Floor(low), math.Ceil(high)
		return low, max(high, low+1), nil
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

// scaled is a number as the colours take it: with Log its logarithm to base 10, not finite where there is none.
func (h Heatmap) scaled(x float64) float64 {
	if h.Log {
		return math.Log10(x)
	}
	return x
}

// palette is that of the colours from low on.
func (h Heatmap) palette(low float64) palette.Palette {
	if h.Log {
		return cividis
	}
	return paletteFor(low)
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
		frames = append(frames, map[string]any{"series": []map[string]any{{"data": h.cells(m)}}})
	}
	base["timeline"] = map[string]any{"axisType": "category", "data": h.Frames, "playInterval": 600, "bottom": 0,
		"currentIndex": len(h.Frames) - 1}
	return map[string]any{"baseOption": base, "options": frames}, nil
}

func (h Heatmap) baseOptions(low, high float64) map[string]any {
	bottom := "50"
	if len(h.Matrices) > 1 {
		bottom = "100"
	}
	right := "90"
	if h.Values != "" {
		right = "120"
	}
	chart := charts.NewHeatMap()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "category", Name: h.XLabel, NameLocation: "middle", NameGap: 28,
			Data: numbers(len(h.Matrices[0][0]))}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Name: h.YLabel, NameLocation: "middle", NameGap: 80,
			Data: h.rowNames()}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "110", Right: right, Top: "10", Bottom: bottom}),
	)
	chart.AddSeries(h.Title, h.cells(h.Matrices[len(h.Matrices)-1]))
	options := chart.JSON()
	scale := map[string]any{"type": "continuous", "calculable": true, "min": low, "max": high, "right": 0,
		"top": "middle",
		// opts.VisualMap has no precision and rounds to float32
		"precision": decimals(high), "inRange": map[string]any{"color": hexes(h.palette(low))}}
	if h.Values != "" {
		scale["text"] = []string{h.Values, ""}
	}
	if h.Log {
		scale["precision"], scale["formatter"] = 0, "1e{value}"
		options["tooltip"] = map[string]any{"show": true, "formatter": "{b}"}
	}
	options["visualMap"] = scale
	if axes, ok := options["yAxis"].([]opts.YAxis); ok && len(axes) > 0 {
		options["yAxis"] = map[string]any{"type": "category", "inverse": true, "name": h.YLabel,
			"nameLocation": "middle", "nameGap": 80, "data": h.rowNames()}
	}
	return options
}

// decimals is the number of decimal places that shows three digits of x.
func decimals(x float64) int { return min(max(0, 2-int(math.Floor(math.Log10(x)))), 20) }

// cells are [column, row, number] of a matrix; with Log the number's logarithm, and its name is the number.
func (h Heatmap) cells(m [][]float64) []opts.HeatMapData {
	out := []opts.HeatMapData{}
	for r, row := range m {
		for c, x := range row {
			cell := opts.HeatMapData{Value: []any{c, r, h.scaled(x)}}
			if h.Log {
				cell.Name = strconv.FormatFloat(x, 'g', 3, 64)
			}
			if isFinite(h.scaled(x)) {
				out = append(out, cell)
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
