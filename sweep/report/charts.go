package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"engram/plots"
	"engram/sweep"
	"engram/sweep/search"
)

// Charts returns the charts of a study for which there is something to draw: the best value so far, the learning
// curves, the parameters beside the results, and the importance of each parameter.
func Charts(r *sweep.Reader, trials []sweep.Trial) []plots.Chart {
	var charts []plots.Chart
	if c := progressChart(r.Measures(), trials); len(c.Series) > 0 {
		charts = append(charts, c)
	}
	if c := curvesChart(r.Measures(), trials); len(c.Series) > 0 {
		charts = append(charts, c)
	}
	if c := parallelChart(r, trials); len(c.Points) > 0 {
		charts = append(charts, c)
	}
	if c, ok := importanceChart(r.Study.Space, search.Importance(r.Study.Space, r.Observations())); ok {
		charts = append(charts, c)
	}
	return charts
}

// progressChart draws the value of each complete trial, and the best so far, in the order in which they ended.
func progressChart(m sweep.Measures, trials []sweep.Trial) plots.Lines {
	chart := plots.Lines{Title: "Best so far", XLabel: "complete trials, as they ended", YLabel: m.Value}
	done := slices.DeleteFunc(slices.Clone(trials), func(t sweep.Trial) bool { return t.Value == nil })
	if len(done) == 0 {
		return chart
	}
	slices.SortStableFunc(done, func(a, b sweep.Trial) int { return a.Ended.Compare(*b.Ended) })
	best, each := plots.Series{Name: "best so far"}, plots.Series{Name: "trial", Points: true}
	lowest := math.Inf(1)
	for i, t := range done {
		lowest = min(lowest, loss(m, t))
		best.X, best.Y = append(best.X, float64(i+1)), append(best.Y, sign(m.MaximiseValue)*lowest)
		each.Y = append(each.Y, *t.Value)
	}
	each.X = best.X
	chart.Series = []plots.Series{best, each}
	return chart
}

// shownCurves bounds the number of learning curves that are drawn.
const shownCurves = 40

// coloured has the states in the order of their colours. There are six: the last two states have no learning curves.
var coloured = []sweep.State{sweep.Complete, sweep.Pruned, sweep.Running, sweep.Failed, sweep.Interrupted, sweep.Lost,
	sweep.Infeasible, sweep.Aside}

// curvesChart draws the scores on the way of the latest trials. The trials of one state are one series, with a gap
// between two trials, so that the legend stays small.
func curvesChart(m sweep.Measures, trials []sweep.Trial) plots.Lines {
	chart := plots.Lines{Title: "On the way, by how it ended", XLabel: m.Step, YLabel: m.Score}
	latest := trials[max(0, len(trials)-shownCurves):]
	for _, state := range sweep.States() {
		s := plots.Series{Name: state.Text(), Place: 1 + slices.Index(coloured, state)}
		for _, t := range latest {
			if t.State != state || len(t.Curve) == 0 {
				continue
			}
			for _, report := range t.Curve {
				s.X = append(s.X, float64(report.Step))
				s.Y = append(s.Y, sign(m.MaximiseScore)*report.Loss)
			}
			s.X, s.Y = append(s.X, s.X[len(s.X)-1]), append(s.Y, math.NaN())
		}
		if len(s.X) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart
}

// parallelChart draws each trial as a line over the parameters that are always active, which ends at its result.
func parallelChart(r *sweep.Reader, trials []sweep.Trial) plots.Parallel {
	chart := plots.Parallel{Title: "Parameters and results"}
	var shown []int
	var apart []string
	for i, p := range r.Study.Space {
		if p.When == nil {
			shown = append(shown, i)
			chart.Axes = append(chart.Axes, plots.Axis{Name: p.Name, Log: p.Kind == search.KindLog ||
				p.Kind == search.KindLogInt, Choices: p.Choices})
		} else {
			apart = append(apart, p.Name)
		}
	}
	if len(apart) > 0 {
		chart.Title += fmt.Sprintf(" (without %s: only some trials have it)", strings.Join(apart, ", "))
	}
	chart.Axes = append(chart.Axes, plots.Axis{Name: r.Measures().Value})
	for _, t := range trials {
		var point []float64
		for _, i := range shown {
			point = append(point, t.Point[i])
		}
		chart.Points = append(chart.Points, append(point, outcome(r.Measures(), t)))
	}
	return chart
}

// outcome returns a trial's value; of a pruned trial the last score, where that is on the same scale; otherwise NaN.
func outcome(m sweep.Measures, t sweep.Trial) float64 {
	switch {
	case t.Value != nil:
		return *t.Value
	case t.State == sweep.Pruned && t.Score != nil && m.OneScale:
		return *t.Score
	}
	return math.NaN()
}

// importanceChart draws the importance of each parameter of a space; ok is false before there are enough trials to
// tell.
func importanceChart(space search.Space, importance []float64) (chart plots.Bars, ok bool) {
	chart = plots.Bars{Title: "What each parameter matters", XLabel: "share of importance (PED-ANOVA)"}
	set := plots.BarSet{Name: "importance"}
	var unknown []string
	for i, p := range space {
		switch {
		case math.IsNaN(importance[i]):
			return chart, false
		case importance[i] == 0: // not judged: too few trials have it
			unknown = append(unknown, p.Name)
		default:
			chart.Groups, set.Values = append(chart.Groups, p.Name), append(set.Values, importance[i])
		}
	}
	if len(unknown) > 0 {
		chart.Title += fmt.Sprintf(" (not yet known of %s)", strings.Join(unknown, ", "))
	}
	chart.Sets = []plots.BarSet{set}
	return chart, true
}
