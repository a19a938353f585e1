package plots

import (
	"fmt"
	"math"
	"strconv"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/palette"
)

// Heatmap draws one or several matrices of the same shape. Several matrices, such as M over the steps of a trial, have
// a slider in the interactive form and are small multiples in the static one. Row 0 is on top. Colours diverge from 0
// if numbers have both signs. NaN and infinite numbers have no colour.
type Heatmap struct {
	Title          string
	XLabel, YLabel string        // of the columns and of the rows
	Matrices       [][][]float64 // [frames][rows][columns]
	Frames         []string      // a name for each matrix; may be empty if there is only one
	Rows           []string      // names of the rows; if empty, they are numbered
	Values         string        // what the colours stand for, with its unit; may be empty
	Log            bool          // colours by the logarithm; numbers that are not positive have no colour

	columns []string // names of the columns of a thinned chart
}

// Heading implements Chart.
func (h Heatmap) Heading() string { return h.Title }

// bounds returns the limits of the colours, or an error that says what is wrong with the matrices.
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
				if x = h.scaled(x); numbers.Finite(x) {
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

// scaled returns the number by which x is coloured: with Log its base-10 logarithm, which is not finite for x <= 0.
func (h Heatmap) scaled(x float64) float64 {
	if h.Log {
		return math.Log10(x)
	}
	return x
}

// palette returns the colours for numbers from low upwards.
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
	h = h.thinned()
	base := h.options(low, high)
	if len(h.Matrices) == 1 {
		return plain(base, nil)
	}
	base.Series[0].Data = nil // each frame has its own
	base.Timeline = &timeline{Name: "frame", AxisType: "category", Data: h.Frames,
		CurrentIndex: len(h.Frames) - 1}
	all := frames{Base: base}
	for _, m := range h.Matrices {
		cells := series{SingleSeries: charts.SingleSeries{Data: h.cells(m)}}
		all.Options = append(all.Options, options{Series: []series{cells}})
	}
	return plain(all, nil)
}

// options returns the options of the last matrix.
func (h Heatmap) options(low, high float64) options {
	right := 90
	if h.Values != "" {
		right = 120
	}
	last := h.Matrices[len(h.Matrices)-1]
	scale := colourBar(low, high, decimals(high), h.palette(low))
	o := options{Grid: margins(110, right, 10, 50), Tooltip: onHover, VisualMap: scale,
		XAxis:  []axis{categories(h.XLabel, 28, h.columnNames(), false)},
		YAxis:  []axis{categories(h.YLabel, 80, h.rowNames(), true)},
		Series: []series{{SingleSeries: charts.SingleSeries{Type: "heatmap", Name: h.Title, Data: h.cells(last)}}}}
	if h.Values != "" {
		scale.Text = []string{h.Values, ""}
	}
	if h.Log {
		scale.Precision, scale.Formatter = opts.Int(0), "1e{value}"
		o.Tooltip = &opts.Tooltip{Show: shown, Formatter: "{b}"}
	}
	return o
}

// decimals returns the number of decimal places that show three digits of x.
func decimals(x float64) int { return min(max(0, 2-int(math.Floor(math.Log10(x)))), 20) }

// cells returns [column, row, number] for each finite cell of a matrix. With Log the third is the logarithm, and the
// number itself is the cell's name.
func (h Heatmap) cells(m [][]float64) []opts.HeatMapData {
	out := []opts.HeatMapData{}
	for r, row := range m {
		for c, x := range row {
			cell := opts.HeatMapData{Value: []any{c, r, h.scaled(x)}}
			if h.Log {
				cell.Name = strconv.FormatFloat(x, 'g', 3, 64)
			}
			if numbers.Finite(h.scaled(x)) {
				out = append(out, cell)
			}
		}
	}
	return out
}

func counted(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

func (h Heatmap) columnNames() []string {
	if len(h.columns) > 0 {
		return h.columns
	}
	return counted(len(h.Matrices[0][0]))
}

func (h Heatmap) rowNames() []string {
	if len(h.Rows) > 0 {
		return h.Rows
	}
	return counted(len(h.Matrices[0]))
}
