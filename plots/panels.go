package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// Panels draws small multiples: charts of lines side by side on one scale of y, each with its title, such as one
// for each task. Series of the same name have the same colour.
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

// check returns an error if there are no panels. Each panel is checked when it is drawn.
func (p Panels) check() error {
	if len(p.Panels) == 0 {
		return fmt.Errorf("chart %q: %w", p.Title, errEmpty)
	}
	if p.Columns < 0 {
		return fmt.Errorf("chart %q: invalid number of columns %d: use 1 or more, or 0 for 3", p.Title, p.Columns)
	}
	return nil
}

// Options implements Chart. It puts the options of each panel on a grid of its own.
func (p Panels) Options() (map[string]any, error) { return plain(p.options()) }

func (p Panels) options() (all options, err error) {
	if err := p.check(); err != nil {
		return all, err
	}
	low, high, err := p.yRange()
	if err != nil {
		return all, err
	}
	named, names := p.coloured()
	for i, l := range named {
		panel, err := l.options()
		if err != nil {
			return all, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		p.place(&panel, i)
		y := &panel.YAxis[0]
		y.Min, y.Max = low, high
		all.Grid, all.Title = append(all.Grid, panel.Grid...), append(all.Title, panel.Title...)
		all.XAxis, all.YAxis = append(all.XAxis, panel.XAxis...), append(all.YAxis, panel.YAxis...)
		all.Series = append(all.Series, panel.Series...)
	}
	all.Tooltip, all.Legend, all.Height = atStep, legendOnTop(false, names...), 3+15*float64(p.rows())
	return all, nil
}

// coloured returns the panels with a colour for each name, and what their common legend says: the names in the order of
// their colours, and notes on series that are not drawn.
func (p Panels) coloured() (panels []Lines, names []string) {
	among := 0
	for _, l := range p.Panels {
		among += len(l.Series)
	}
	var notes []string
	places := map[string]int{}
	for _, l := range p.Panels {
		l.Series, l.among = slices.Clone(l.Series), among
		for i, s := range l.Series[:min(len(l.Series), mostSeries)] {
			if places[s.Name] == 0 {
				names = append(names, s.Name)
				places[s.Name] = cmp.Or(s.Place, len(names))
			}
			l.Series[i].Place = places[s.Name]
		}
		if more := len(l.Series) - mostSeries; more > 0 {
			notes = append(notes, withheldText(more))
		}
		panels = append(panels, l)
	}
	return panels, append(names, slices.Compact(notes)...)
}

// place gives the options of panel i a grid of their own. Left of the first column is room for the name of y.
func (p Panels) place(panel *options, i int) {
	column, row := i%p.columns(), i/p.columns()
	wide, tall := 92/float64(p.columns()), 94/float64(p.rows()) // per cent
	left, top := 6+float64(column)*wide, 6+float64(row)*tall
	panel.Grid = []opts.Grid{{Left: percent(left), Top: percent(top + 0.14*tall), Width: percent(0.82 * wide),
		Height: percent(0.74 * tall), ContainLabel: shown}}
	panel.Title = []opts.Title{{Title: p.Panels[i].Title, Left: percent(left + 0.41*wide), Top: percent(top),
		TextAlign: "center", TitleStyle: &opts.TextStyle{FontSize: 12}}}
	x, y := &panel.XAxis[0], &panel.YAxis[0]
	if column > 0 {
		y.Name = "" // that of the first column
	}
	x.GridIndex, y.GridIndex, x.SplitNumber, y.SplitNumber, y.NameGap = i, i, 3, 3, 36
	// The ends of y need not be round.
	y.AxisLabel = &opts.AxisLabel{ShowMinLabel: hidden, ShowMaxLabel: hidden}
	for s := range panel.Series {
		panel.Series[s].XAxisIndex, panel.Series[s].YAxisIndex = i, i
		if lines := panel.Series[s].MarkLine; lines != nil {
			lines.Label.Position = "insideEndTop" // beside the panel is the next one's axis
		}
	}
}

// yRange returns the range of y that all panels share, rounded outwards.
func (p Panels) yRange() (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range p.Panels {
		if err := l.check(); err != nil {
			return 0, 0, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		least, most := l.yRange()
		low, high = min(low, least), max(high, most)
		for _, r := range l.References {
			low, high = min(low, r.Y), max(high, r.Y)
		}
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
