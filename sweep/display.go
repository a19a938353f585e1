package sweep

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"engram/plots"
	"engram/sweep/search"
)

// Table shows up to rows trials: those that run, and the best of the others.
func (r *Reader) Table(trials []Trial, rows int) *plots.Table {
	t := &plots.Table{Header: []string{"trial", "state", r.valueName()}}
	for _, p := range r.Study.Space {
		t.Header = append(t.Header, p.Name)
	}
	t.Header = append(t.Header, "step", "seconds", "attempts")
	sorted := slices.Clone(trials)
	slices.SortStableFunc(sorted, func(a, b Trial) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(r.loss(a), r.loss(b)))
	})
	for _, trial := range sorted[:min(rows, len(sorted))] {
		t.Rows = append(t.Rows, r.row(trial))
	}
	return t
}

// rank puts running trials first, then complete ones, then the others.
func rank(t Trial) int {
	switch t.State {
	case Running:
		return 0
	case Complete:
		return 1
	}
	return 2
}

// loss is what trials are ordered by: that of the value, else of the last score; what has none comes last.
func (r *Reader) loss(t Trial) float64 {
	switch {
	case t.Value != nil:
		return r.view.value * *t.Value
	case t.Score != nil:
		return r.view.sign * *t.Score
	}
	return math.Inf(1)
}

func (r *Reader) row(t Trial) []string {
	state, value := t.State.text(), "–"
	if t.Value != nil {
		value = fmt.Sprintf("%.4g", *t.Value)
	} else if t.Score != nil {
		value = fmt.Sprintf("(%.4g)", *t.Score) // not the end's
	}
	row := []string{fmt.Sprint(t.Trial), state, value}
	for i, p := range r.Study.Space {
		text := "–"
		if v := t.point[i]; p.Kind == search.KindChoice && !math.IsNaN(v) {
			text = p.Text(v)
		} else if !math.IsNaN(v) {
			text = fmt.Sprintf("%.4g", v)
		}
		row = append(row, text)
	}
	return append(row, fmt.Sprint(t.Step), fmt.Sprintf("%.1f", t.Seconds), fmt.Sprint(t.Attempts))
}

// valueName says what a value is.
func (r *Reader) valueName() string {
	t, ok := r.objective.(*training)
	switch {
	case !ok:
		return r.Study.Goal.Function
	case t.goal.Measure == measureUpdatesTo:
		return fmt.Sprintf("updates to %.0f %%", 100*t.threshold())
	}
	return "share of ceiling"
}

// Charts are the pictures of a study that there is something to draw of: the best value so far, the learning curves,
// the parameters beside what came of them, and what each matters.
func (r *Reader) Charts(trials []Trial) []plots.Chart {
	var charts []plots.Chart
	if c := r.progressChart(trials); len(c.Series) > 0 {
		charts = append(charts, c)
	}
	if c := r.curvesChart(trials); len(c.Series) > 0 {
		charts = append(charts, c)
	}
	if c := r.parallelChart(trials); len(c.Points) > 0 {
		charts = append(charts, c)
	}
	if c, ok := importanceChart(r.Study.Space, search.Importance(r.Study.Space, r.Observations())); ok {
		charts = append(charts, c)
	}
	return charts
}

// progressChart is the best value so far over the complete trials.
func (r *Reader) progressChart(trials []Trial) plots.Lines {
	values, best := r.bestSoFar(trials)
	chart := plots.Lines{Title: "Best so far", XLabel: "complete trials, as they ended", YLabel: r.valueName()}
	if len(values) == 0 {
		return chart
	}
	x := make([]float64, len(values))
	for i := range x {
		x[i] = float64(i + 1)
	}
	chart.Series = []plots.Series{{Name: "best so far", X: x, Y: best}, {Name: "trial", X: x, Y: values, Points: true}}
	return chart
}

// shownCurves bounds the learning curves that are drawn.
const shownCurves = 40

// coloured has the states in the order of their colours. There are six: the last two states have no learning curves.
var coloured = []State{Complete, Pruned, Running, Failed, Interrupted, Lost, Infeasible, Aside}

// curvesChart are the scores of the latest trials on the way. Those of one state are one series, with a gap between two
// trials, so that the legend stays small.
func (r *Reader) curvesChart(trials []Trial) plots.Lines {
	chart := plots.Lines{Title: "On the way, by how it ended", XLabel: "step", YLabel: "score"}
	if _, ok := r.objective.(*training); ok {
		chart.XLabel, chart.YLabel = "updates", "share of ceiling"
	}
	latest := trials[max(0, len(trials)-shownCurves):]
	for _, state := range order {
		s := plots.Series{Name: state.text(), Place: 1 + slices.Index(coloured, state)}
		for _, t := range latest {
			if t.State != state || len(t.curve) == 0 {
				continue
			}
			for _, report := range t.curve {
				s.X, s.Y = append(s.X, float64(report.Step)), append(s.Y, r.view.sign*report.Loss)
			}
			s.X, s.Y = append(s.X, s.X[len(s.X)-1]), append(s.Y, math.NaN())
		}
		if len(s.X) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart
}

// parallelChart draws each trial as a line over the parameters that are always active, to what came of it.
func (r *Reader) parallelChart(trials []Trial) plots.Parallel {
	chart := plots.Parallel{Title: "Parameters and what came of them"}
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
	chart.Axes = append(chart.Axes, plots.Axis{Name: r.valueName()})
	for _, t := range trials {
		var point []float64
		for _, i := range shown {
			point = append(point, t.point[i])
		}
		chart.Points = append(chart.Points, append(point, r.outcome(t)))
	}
	return chart
}

// outcome is a trial's value; of a pruned one the last score, where that is on the same scale; else NaN.
func (r *Reader) outcome(t Trial) float64 {
	o, trains := r.objective.(*training)
	switch {
	case t.Value != nil:
		return *t.Value
	case t.State == Pruned && t.Score != nil && !(trains && o.goal.Measure == measureUpdatesTo):
		return *t.Score
	}
	return math.NaN()
}

// importanceChart shows how much each parameter of a space matters; ok is false before that can be said.
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
