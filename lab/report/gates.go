package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"engram/drqn"
	"engram/lab"
	"engram/plots"
	"engram/tasks"
)

// sessionTrials is the number of trials over which the report draws the gates.
const sessionTrials = 5

// gatesSection draws when a gated cell keeps its memory and when it lets go: lambda_t over a trial, and over several.
func gatesSection(ctx context.Context, r *lab.Run) (plots.Section, error) {
	s := plots.Section{Heading: "What the cell forgets",
		Text: "The decay lambda_t of M at each step: near 1 the cell keeps, near 0 it forgets. A step reads M before " +
			"it decays."}
	for _, trials := range []int{1, sessionTrials} {
		charts, err := Gates(ctx, r, trials)
		if err != nil {
			return plots.Section{}, err
		}
		s.Charts = append(s.Charts, charts...)
	}
	return s, nil
}

// Gates draws lambda_t of the newest checkpoint's agent, greedy, over a number of trials one after the other. The cell
// must have a gate.
func Gates(ctx context.Context, r *lab.Run, trials int) ([]plots.Chart, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return nil, err
	}
	traces, err := policy.Rollout(ctx, trials, lab.FinalSeed(r.Config.Seed))
	if err != nil {
		return nil, err
	}
	env, err := tasks.New(r.Config.Task, r.Config.TaskOptions)
	if err != nil {
		return nil, err
	}
	return GateCharts(env.Spec().StepMillis, traces)
}

// GateCharts draws lambda_t over trials that follow each other: its quartiles over the gates with the periods of the
// trial, or of several the trials, marked; and, where each hidden unit has a gate, each unit's as a row of colours.
func GateCharts(stepMillis int, traces []drqn.TrialTrace) ([]plots.Chart, error) {
	var lambdas [][]float32
	var periods []plots.Period
	for i, t := range traces {
		if len(t.Lambdas) == 0 {
			return nil, fmt.Errorf("trial %d has no gates: train with forget_gate = scalar or row", i)
		}
		first := len(lambdas)
		lambdas = append(lambdas, t.Lambdas...)
		periods = append(periods, plots.Period{Name: fmt.Sprintf("trial %d", i+1), Start: first, End: len(lambdas)})
	}
	over := fmt.Sprintf("%d trials", len(traces))
	if len(traces) == 1 {
		over, periods = "a trial", periodsOf(traces[0].Periods, len(lambdas))
	}
	x := fmt.Sprintf("step (%d ms)", stepMillis)
	charts := []plots.Chart{plots.Course{Periods: periods, Lines: plots.Lines{
		Title: "Decay lambda_t of M over " + over, XLabel: x, YLabel: "lambda_t", Series: quartiles(lambdas)}}}
	if len(lambdas) > 0 && len(lambdas[0]) > 1 {
		charts = append(charts, unitsChart(over, x, lambdas))
	}
	return charts, nil
}

// periodsOf returns the periods of a trial, cut to its steps.
func periodsOf(periods []tasks.Period, steps int) (cut []plots.Period) {
	for _, p := range periods {
		if end := min(p.End, steps); p.Start < end {
			cut = append(cut, plots.Period{Name: p.Name, Start: p.Start, End: end})
		}
	}
	return cut
}

// quartiles returns the course of lambda_t: that of the only gate, or the median of the gates with a band from the
// first to the third quartile, and the least.
func quartiles(lambdas [][]float32) []plots.Series {
	median, least := plots.Series{Name: "lambda_t"}, plots.Series{Name: "least of the gates"}
	for step, gates := range lambdas {
		sorted := slices.Sorted(slices.Values(gates))
		at := func(quarter int) float64 { return float64(sorted[quarter*(len(sorted)-1)/4]) }
		median.X, median.Y = append(median.X, float64(step)), append(median.Y, at(2))
		least.X, least.Y = median.X, append(least.Y, at(0))
		median.Low, median.High = append(median.Low, at(1)), append(median.High, at(3))
	}
	if len(lambdas) > 0 && len(lambdas[0]) > 1 {
		median.Name = "median of the gates, with quartiles"
		return []plots.Series{median, least}
	}
	median.Low, median.High = nil, nil
	return []plots.Series{median}
}

// unitsChart draws lambda_t of each hidden unit over the steps. Units that forget more stand on top.
func unitsChart(over, x string, lambdas [][]float32) plots.Heatmap {
	type unit struct {
		row []float64
		sum float64
	}
	units := make([]unit, len(lambdas[0]))
	for _, gates := range lambdas {
		for i, lambda := range gates {
			units[i].row, units[i].sum = append(units[i].row, float64(lambda)), units[i].sum+float64(lambda)
		}
	}
	slices.SortStableFunc(units, func(a, b unit) int { return cmp.Compare(a.sum, b.sum) })
	m := make([][]float64, len(units))
	for i, u := range units {
		m[i] = u.row
	}
	return plots.Heatmap{Title: "lambda_t of each hidden unit over " + over, XLabel: x,
		YLabel: "hidden units, from those that forget", Matrices: [][][]float64{m}, Values: "lambda_t"}
}
