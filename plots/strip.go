package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// Cell is one step of a replay window.
type Cell struct {
	Episode  int  // the episode of the transition
	Padded   bool // no transition: zeros before the first of the episode
	BurnIn   bool // only warms up the state
	Loss     bool // counts in the loss
	Rewarded bool // has a reward other than 0
}

// Strips draws windows of replay, one per row, with the first on top. Steps have the colour of their episode and marks
// for burn-in, loss and reward; padded steps are grey and struck through.
type Strips struct {
	Title   string
	XLabel  string   // of the steps within a window
	YLabel  string   // of the rows; "window" if empty
	Windows [][]Cell // [B][T]

	rows, columns []string // names of the windows and steps of a thinned chart
}

// Heading implements Chart.
func (s Strips) Heading() string { return s.Title }

// yLabel returns the name of the rows.
func (s Strips) yLabel() string { return cmp.Or(s.YLabel, "window") }

// check returns an error if windows differ in length.
func (s Strips) check() error {
	if len(s.Windows) == 0 || len(s.Windows[0]) == 0 {
		return fmt.Errorf("chart %q: %w", s.Title, errEmpty)
	}
	for i, w := range s.Windows {
		if len(w) != len(s.Windows[0]) {
			return fmt.Errorf("chart %q: window %d has %d steps, the first has %d", s.Title, i, len(w),
				len(s.Windows[0]))
		}
	}
	return nil
}

// mark is a sign on the cells for which holds returns true.
type mark struct {
	name, symbol string
	size         int
	holds        func(Cell) bool
}

var marks = []mark{
	{"padded", "path://M0,8L1,9L9,1L8,0Z", 14, func(c Cell) bool { return c.Padded }},
	{"burn-in", "path://M0,0L10,0L10,3L0,3Z", 12, func(c Cell) bool { return c.BurnIn && !c.Padded }},
	{"loss", "circle", 8, func(c Cell) bool { return c.Loss && !c.Padded }},
	{"rewarded", "diamond", 14, func(c Cell) bool { return c.Rewarded && !c.Padded }},
}

// episodes returns each episode once, in rising order. Its place there determines an episode's colour.
func (s Strips) episodes() []int {
	var seen []int
	for _, w := range s.Windows {
		for _, c := range w {
			if !c.Padded {
				seen = append(seen, c.Episode)
			}
		}
	}
	slices.Sort(seen)
	return slices.Compact(seen)
}

// The colours of strips. Episodes use the colours in turn, and marks stand out on all of them.
var (
	stripColors = []color.RGBA{seriesColors[5], seriesColors[4], seriesColors[2], seriesColors[3]}
	paddedColor = color.RGBA{0xb4, 0xb8, 0xbd, 0xff}
	markColor   = color.RGBA{0x1c, 0x20, 0x24, 0xff}
)

// Options implements Chart.
func (s Strips) Options() (map[string]any, error) { return plain(s.options()) }

func (s Strips) options() (options, error) {
	if err := s.check(); err != nil {
		return options{}, err
	}
	s = s.thinned()
	edge := &opts.ItemStyle{BorderWidth: 1, BorderColor: hex(referenceColor)}
	all := []series{cellSeries("episode", s.cells(), edge)}
	var names []string
	for _, m := range marks {
		names = append(names, m.name)
		all = append(all, marksOnCells(m.name, m.symbol, m.size, s.places(m)))
	}
	colours := &visualMap{VisualMap: opts.VisualMap{Type: "piecewise", Show: hidden},
		Pieces: []piece{pieceOf(-1, "", paddedColor)}}
	for i, c := range stripColors {
		colours.Pieces = append(colours.Pieces, pieceOf(i, "", c))
	}
	return options{Grid: margins(70, 24, 40, 50), Legend: legendOnTop(true, names...), Tooltip: onHover,
		XAxis: []axis{categories(s.XLabel, 28, s.columns, false)},
		YAxis: []axis{categories(s.yLabel(), 40, s.rows, true)}, VisualMap: ofCells(colours),
		Series: all}, nil
}

// cells returns step, row and colour of each step, named after its episode. The colour of a padded step is -1.
func (s Strips) cells() (cells []opts.HeatMapData) {
	episodes := s.episodes()
	for row, w := range s.Windows {
		for step, c := range w {
			name, color := "padded", -1
			if !c.Padded {
				place, _ := slices.BinarySearch(episodes, c.Episode)
				name, color = fmt.Sprintf("episode %d", c.Episode), place%len(stripColors)
			}
			cells = append(cells, opts.HeatMapData{Name: name, Value: [3]int{step, row, color}})
		}
	}
	return cells
}

// places returns step and row of the cells on which a mark stands.
func (s Strips) places(m mark) [][2]int {
	places := [][2]int{}
	for row, w := range s.Windows {
		for step, c := range w {
			if m.holds(c) {
				places = append(places, [2]int{step, row})
			}
		}
	}
	return places
}
