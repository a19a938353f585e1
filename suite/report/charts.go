package report

import (
	"fmt"
	"math"
	"slices"

	"engram/analysis"
	"engram/plots"
	"engram/suite"
)

// Shares draws how well each agent ended on each task with a ceiling: the interquartile mean over seeds of the share of
// the ceiling, with its 95 % bootstrap interval.
func Shares(rows []suite.Row) plots.Bars {
	b := ends(slices.DeleteFunc(slices.Clone(rows), func(r suite.Row) bool { return r.NoCeiling }))
	b.Title, b.XLabel = "Share of the ceiling at the end", "share of the ceiling, interquartile mean over seeds"
	b.References = []plots.Reference{{Name: "95 %", Y: suite.ReachedAt}}
	return b
}

// Returns draws how each agent ended on one task without a ceiling, as Shares does for the others.
func Returns(rows []suite.Row, task string) plots.Bars {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r suite.Row) bool { return r.Task != task || !r.NoCeiling })
	b := ends(rows)
	name := earned(rows[0].Unit)
	b.Title, b.XLabel = fmt.Sprintf("%s: %s at the end", task, name), name+", interquartile mean over seeds"
	return b
}

// earned names what an agent earns where there is no ceiling: a reward per trial, or the return of an episode.
func earned(unit string) string {
	if unit == "trial" {
		return "reward per trial"
	}
	return "return"
}

// bars draws how the agents ended: the tasks with a ceiling together, and each other task by itself, because returns of
// different tasks have no common scale.
func bars(rows []suite.Row) (charts []plots.Chart) {
	if slices.ContainsFunc(rows, isShare) {
		charts = append(charts, Shares(rows))
	}
	drawn := map[string]bool{}
	for _, r := range rows {
		if r.NoCeiling && !drawn[r.Task] {
			drawn[r.Task] = true
			charts = append(charts, Returns(rows, r.Task))
		}
	}
	return charts
}

// isShare reports whether what a row's agent earned is a share of a ceiling. Without a run nothing was earned.
func isShare(r suite.Row) bool { return r.IQM != nil && !r.NoCeiling }

// ends returns the bars of rows.
func ends(rows []suite.Row) (b plots.Bars) {
	for _, r := range rows {
		if !slices.Contains(b.Groups, r.Task) {
			b.Groups = append(b.Groups, r.Task)
		}
	}
	for _, r := range rows {
		i := slices.IndexFunc(b.Sets, func(s plots.BarSet) bool { return s.Name == r.Agent })
		if i < 0 {
			i, b.Sets = len(b.Sets), append(b.Sets, plots.BarSet{Name: r.Agent, Place: r.Place,
				Values: nans(len(b.Groups)), Low: nans(len(b.Groups)), High: nans(len(b.Groups))})
		}
		if task := slices.Index(b.Groups, r.Task); r.IQM != nil {
			b.Sets[i].Values[task], b.Sets[i].Low[task], b.Sets[i].High[task] = *r.IQM, limit(r.Low), limit(r.High)
		}
	}
	return b
}

// limit returns one limit of an interval: NaN, which is not drawn, where it is missing.
func limit(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func nans(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }

// LearningCurves draws a task's agents over the updates at which all their finished seeds were evaluated.
func LearningCurves(p suite.Plan, results []suite.Result, task string) (plots.Lines, error) {
	chart := plots.Lines{Title: task, XLabel: "updates", YLabel: "share of the ceiling",
		References: []plots.Reference{{Name: "95 %", Y: suite.ReachedAt}}}
	i := slices.IndexFunc(results, func(r suite.Result) bool { return r.Task == task && r.NoCeiling })
	if i >= 0 {
		chart.YLabel, chart.References = earned(results[i].Unit), nil
	}
	curves, err := suite.Curves(p, results, task)
	for _, c := range curves {
		chart.Series = append(chart.Series, band(p, c.Agent, c.Updates, c.Shares))
	}
	return chart, err
}

// band returns the line of an agent, in its colour, with its intervals, or without them where they have no limits.
func band(p suite.Plan, agent string, x []float64, y []analysis.Interval) plots.Series {
	s := plots.Series{Name: agent, X: x,
		Place: 1 + slices.IndexFunc(p.Agents, func(a suite.Agent) bool { return a.Name == agent })}
	for _, i := range y {
		s.Y = append(s.Y, i.Point)
		if !math.IsNaN(i.Low) {
			s.Low, s.High = append(s.Low, i.Low), append(s.High, i.High)
		}
	}
	return s
}
