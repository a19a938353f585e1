package plots

import (
	"fmt"
	"image/color"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// Raster draws many trials, one per row, with the first on top: the action of each step as a colour, and marks where
// the agent was rewarded or punished.
type Raster struct {
	Title       string
	XLabel      string // of the steps, with their length
	ActionNames []string
	Trials      []RasterTrial

	rows, columns []string // names of the trials and steps of a thinned chart
}

// RasterTrial is one row of a Raster.
type RasterTrial struct {
	Actions []int
	Rewards []float64 // for the action of each step; 0 is not marked
}

// Heading implements Chart.
func (r Raster) Heading() string { return r.Title }

// steps returns the number of steps of the longest trial.
func (r Raster) steps() (longest int) {
	for _, t := range r.Trials {
		longest = max(longest, len(t.Actions))
	}
	return longest
}

// check returns an error if an action has no name, or if rewards and actions differ in number.
func (r Raster) check() error {
	if r.steps() == 0 {
		return fmt.Errorf("chart %q: %w", r.Title, errEmpty)
	}
	for i, t := range r.Trials {
		if len(t.Rewards) != len(t.Actions) {
			return fmt.Errorf("chart %q: trial %d has %d actions and %d rewards", r.Title, i, len(t.Actions),
				len(t.Rewards))
		}
		for step, a := range t.Actions {
			if a < 0 || a >= len(r.ActionNames) {
				return fmt.Errorf("chart %q: trial %d has action %d of %d at step %d", r.Title, i, a,
					len(r.ActionNames), step)
			}
		}
	}
	return nil
}

// actionColor returns a pale colour for action 0, which is to wait, and a strong one for every other action.
func actionColor(action int) color.RGBA {
	if action == 0 {
		return color.RGBA{0xc9, 0xd3, 0xdd, 0xff}
	}
	return seriesColor(action - 1)
}

// outcomes returns the step and row of each reward that has the sign given.
func (r Raster) outcomes(sign float64) [][2]int {
	places := [][2]int{}
	for row, t := range r.Trials {
		for step, reward := range t.Rewards {
			if reward*sign > 0 {
				places = append(places, [2]int{step, row})
			}
		}
	}
	return places
}

// Options implements Chart.
func (r Raster) Options() (map[string]any, error) { return plain(r.options()) }

func (r Raster) options() (options, error) {
	if err := r.check(); err != nil {
		return options{}, err
	}
	r = r.thinned()
	var cells []opts.HeatMapData
	for row, t := range r.Trials {
		for step, a := range t.Actions {
			cells = append(cells, opts.HeatMapData{Name: r.ActionNames[a], Value: [3]int{step, row, a}})
		}
	}
	colours := &visualMap{VisualMap: opts.VisualMap{Type: "piecewise", Right: "0", Top: "middle"}}
	for a, name := range r.ActionNames {
		colours.Pieces = append(colours.Pieces, pieceOf(a, name, actionColor(a)))
	}
	return options{Grid: margins(70, 110, 40, 50), Legend: legendOnTop(true, "reward", "punishment"), Tooltip: onHover,
		XAxis: []axis{categories(r.XLabel, 28, r.columns, false)},
		YAxis: []axis{categories("trial", 40, r.rows, true)}, VisualMap: ofCells(colours),
		Series: []series{cellSeries("action", cells, nil), marksOnCells("reward", "triangle", 8, r.outcomes(1)),
			marksOnCells("punishment", downwards, 8, r.outcomes(-1))},
		Height: 8 + max(10, 0.55*float64(len(r.Trials)))}, nil
}
