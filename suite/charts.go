package suite

import (
	"math"
	"slices"

	"engram/plots"
)

// Shares draws what came of each agent on each task: the interquartile mean over seeds of the share of the ceiling,
// with its 95 % bootstrap interval.
func Shares(rows []Row) plots.Bars {
	b := plots.Bars{Title: "Share of the ceiling at the end",
		XLabel: "share of the ceiling, interquartile mean over seeds", References: []plots.Reference{{Name: "95 %",
			Y: ReachedAt}}}
	for _, r := range rows {
		if !slices.Contains(b.Groups, r.Task) {
			b.Groups = append(b.Groups, r.Task)
		}
	}
	for _, r := range rows {
		i := slices.IndexFunc(b.Sets, func(s plots.BarSet) bool { return s.Name == r.Agent })
		if i < 0 {
			i, b.Sets = len(b.Sets), append(b.Sets, plots.BarSet{Name: r.Agent, Values: nans(len(b.Groups)),
				Low: nans(len(b.Groups)), High: nans(len(b.Groups))})
		}
		if task := slices.Index(b.Groups, r.Task); r.IQM != nil {
			b.Sets[i].Values[task], b.Sets[i].Low[task], b.Sets[i].High[task] = *r.IQM, limit(r.Low), limit(r.High)
		}
	}
	return b
}

// limit is one of an interval; NaN, which is not drawn, where there is none.
func limit(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func nans(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }

// curveRepetitions of the bootstrap for each point of a curve.
const curveRepetitions = 1000

// LearningCurves draws a task's agents over the updates at which all their finished seeds were evaluated.
func LearningCurves(p Plan, results []Result, task string) (plots.Lines, error) {
	chart := plots.Lines{Title: task, XLabel: "updates", YLabel: "share of the ceiling",
		References: []plots.Reference{{Name: "95 %", Y: ReachedAt}}}
	for place, agent := range p.Agents {
		runs := pick(results, task, agent.Name)
		if len(runs) == 0 {
			continue
		}
		s := plots.Series{Name: agent.Name, Place: place + 1}
		for _, update := range runs[0].Updates {
			shares := sharesAt(runs, update)
			if len(shares) < len(runs) {
				continue
			}
			i, err := spread(shares, curveRepetitions)
			if err != nil {
				return chart, err
			}
			s.X, s.Y, s.Low, s.High = append(s.X, update), append(s.Y, i.Point), append(s.Low, i.Low), append(s.High,
				i.High)
		}
		if len(runs) == 1 {
			s.Low, s.High = nil, nil // one seed has no interval
		}
		if len(s.X) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart, nil
}

// sharesAt are the shares at an update, of the runs that have one.
func sharesAt(runs []Result, update float64) (shares []float64) {
	for _, r := range runs {
		if i := slices.Index(r.Updates, update); i >= 0 {
			shares = append(shares, r.Shares[i])
		}
	}
	return shares
}
