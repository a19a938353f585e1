package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"engram/plots"
	"engram/suite"
)

// Charts draws the curves, with bands over seeds: shares of the ceiling in one picture, and rewards in another where
// no ceiling is known.
func Charts(curves []Curve) []plots.Lines {
	shares := plots.Lines{Title: "Learning curves", XLabel: "updates", YLabel: "share of the ceiling, greedy",
		References: []plots.Reference{{Name: "95 %", Y: suite.ReachedAt}}}
	rewards := plots.Lines{Title: "Learning curves, where no ceiling is known", XLabel: "updates",
		YLabel: "reward of a trial, or return of an episode, greedy"}
	for _, c := range curves {
		if c.NoCeiling {
			rewards.Series = append(rewards.Series, c.series())
		} else {
			shares.Series = append(shares.Series, c.series())
		}
	}
	return slices.DeleteFunc([]plots.Lines{shares, rewards}, func(l plots.Lines) bool { return len(l.Series) == 0 })
}

// series returns the curve with its band, if each of its points has one.
func (c Curve) series() plots.Series {
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
	return s
}

// measured returns the words for what the curves have: shares of the ceiling, rewards, or some the one and some the
// other.
func measured(curves []Curve) string {
	without := func(c Curve) bool { return c.NoCeiling }
	switch {
	case !slices.ContainsFunc(curves, without):
		return "share of ceiling"
	case slices.ContainsFunc(curves, func(c Curve) bool { return !c.NoCeiling }):
		return "share of ceiling, or reward where none is known"
	}
	return "reward of a trial, or return of an episode"
}

// Table lists what the curves came to.
func Table(curves []Curve) *plots.Table {
	t := &plots.Table{Header: []string{"run", "task", "parameters", "seeds", "after updates", measured(curves),
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
	text := "Interquartile mean over seeds, with its 95 % bootstrap interval where there are two seeds or more: " +
		measured(curves) + ". At the end of a finished run it is that of 2,000 fresh trials, or of 100 episodes."
	if notice := Notice(curves); notice != "" {
		text += " Note: " + notice + "."
	}
	var charts []plots.Chart
	for _, chart := range Charts(curves) {
		charts = append(charts, chart)
	}
	return plots.Page{Title: fmt.Sprintf("%d curves compared", len(curves)), Subtitle: strings.Join(names, ", "),
		Sections: []plots.Section{{Heading: "Learning", Text: text, Charts: charts},
			{Heading: "Result", Table: Table(curves)}}}
}
