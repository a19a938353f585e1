package notebook

import (
	"strings"

	"engram/plots"
)

// Live is a place in a cell's output in which charts are drawn anew while the cell runs, at most four times a
// second. Close it at the end: it draws what came last, which is then what the notebook saves.
type Live struct{ area *area }

// NewLive is an empty place; it appears with the first chart.
func NewLive() *Live { return &Live{newArea()} }

// Show replaces what the place shows by charts below each other. It panics where a chart cannot be drawn, so
// that the cell fails.
func (l *Live) Show(charts ...plots.Chart) {
	shown := make([]plots.Chart, len(charts))
	for i, c := range charts {
		shown[i] = still{c}
	}
	l.area.set(func() string { return snippets(shown) })
}

// Close draws the newest charts.
func (l *Live) Close() { l.area.close() }

// still is a chart that appears at once: one that grows from nothing at each redraw cannot be read.
type still struct{ plots.Chart }

// Options implements plots.Chart.
func (s still) Options() (map[string]any, error) {
	options, err := s.Chart.Options()
	if err != nil {
		return nil, err
	}
	of := options
	if base, ok := options["baseOption"].(map[string]any); ok {
		of = base
	}
	of["animation"] = false
	return options, nil
}

// snippets are the pieces of HTML of charts.
func snippets(charts []plots.Chart) string {
	var all strings.Builder
	for _, c := range charts {
		html, err := plots.Snippet(c)
		if err != nil {
			panic(err)
		}
		all.WriteString(html)
	}
	return all.String()
}
