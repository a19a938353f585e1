package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"engram/plots"
	"engram/suite"
)

// Chart draws the curves in one picture, with bands over seeds.
func Chart(curves []Curve) plots.Lines {
	chart := plots.Lines{Title: "Learning curves", XLabel: "updates",
		YLabel:     "share of the ceiling, greedy",
		References: []plots.Reference{{Name: "95 %", Y: suite.ReachedAt}}}
	for _, c := range curves {
		s := plots.Series{Name: c.Name, X: c.Updates, Points: len(c.Updates) == 1}
		for _, i := range c.Shares {
			s.Y = append(s.Y, i.Point)
			if !math.IsNaN(i.Low) {
				s.Low, s.High = append(s.Low, i.Low), append(s.High, i.High)
			}
		}
		if len(s.Low) != len(s.X) {
			s.Low, s.High = nil, nil
		}
		chart.Series = append(chart.Series, s)
	}
	return chart
}

// Table lists what the curves came to.
func Table(curves []Curve) *plots.Table {
	t := &plots.Table{Header: []string{"run", "task", "parameters", "seeds", "after updates", "share of ceiling",
		"95 % interval", "state"}}
	for _, c := range curves {
		last := len(c.Updates) - 1
		now, state := c.Shares[last], "finished"
		if c.End != nil {
			now = *c.End
		}
		if c.Running > 0 {
			state = fmt.Sprintf("%d of %d not finished", c.Running, c.Seeds)
		}
		interval := "– (1 seed)"
		if !math.IsNaN(now.Low) {
			interval = fmt.Sprintf("%.3f to %.3f", now.Low, now.High)
		}
		t.Rows = append(t.Rows, []string{c.Name, c.Task, fmt.Sprint(c.Parameters), fmt.Sprint(c.Seeds),
			fmt.Sprintf("%.0f", c.Updates[last]), fmt.Sprintf("%.3f", now.Point), interval, state})
	}
	return t
}

// Page returns a page with the chart and the table of the curves.
func Page(curves []Curve) plots.Page {
	var names []string
	for _, c := range curves {
		if !slices.Contains(names, c.Task) {
			names = append(names, c.Task)
		}
	}
	text := "Interquartile mean over seeds of the share of the ceiling, with its 95 % bootstrap interval where there " +
		"are two seeds or more. At the end of a finished run it is that of 2,000 fresh trials."
	if notice := Notice(curves); notice != "" {
		text += " Note: " + notice + "."
	}
	return plots.Page{Title: fmt.Sprintf("%d curves compared", len(curves)), Subtitle: strings.Join(names, ", "),
		Sections: []plots.Section{{Heading: "Learning", Text: text, Charts: []plots.Chart{Chart(curves)}},
			{Heading: "Result", Table: Table(curves)}}}
}
