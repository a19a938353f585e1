package notebook

import (
	"strings"

	"engram/plots"
)

// Live is a place in a cell's output whose charts are redrawn while the cell runs, at most four times a second.
// Close it at the end: it draws the newest charts, and these are what the notebook saves.
type Live struct{ area *area }

// NewLive returns an empty place, which appears with its first chart.
func NewLive() *Live { return &Live{newArea()} }

// Show replaces the content of the place by charts below each other. It panics if a chart cannot be drawn, so that
// the cell fails.
func (l *Live) Show(charts ...plots.Chart) {
	shown := make([]plots.Chart, len(charts))
	for i, c := range charts {
		shown[i] = still{c}
	}
	l.area.set(func() string { return snippets(shown) })
}

// Close draws the newest charts.
func (l *Live) Close() { l.area.close() }

// Clear removes the charts, because what they were to show was refused.
func (l *Live) Clear() { l.area.clear() }

// still is a chart without animation: a chart that grows from nothing at each redraw cannot be read.
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

// snippets returns the HTML of charts.
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
