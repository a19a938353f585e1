package report

import (
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/plots"
	"engram/tasks"
)

// TestGateCharts compares the charts with the trials that they draw: quartiles by hand, units in their order, periods
// cut to the trial, and the trials of a session one after the other.
func TestGateCharts(t *testing.T) {
	t.Parallel()
	one := drqn.TrialTrace{Periods: []tasks.Period{{Name: "cue", Start: 0, End: 1}, {Name: "go", Start: 1, End: 9}},
		Lambdas: [][]float32{{0.5, 0.25, 1, 0, 0.75}, {1, 0, 0.5, 0.25, 0.75}}}
	two := drqn.TrialTrace{Lambdas: [][]float32{{0, 0, 0, 0, 1}}}
	charts, err := GateCharts(20, []drqn.TrialTrace{one})
	if err != nil || len(charts) != 2 {
		t.Fatal(charts, err)
	}
	course := charts[0].(plots.Course)
	if want := []plots.Period{{Name: "cue", Start: 0, End: 1}, {Name: "go", Start: 1, End: 2}}; !slices.Equal(
		course.Periods, want) || course.XLabel != "step (20 ms)" {
		t.Errorf("periods %v of %q", course.Periods, course.XLabel)
	}
	median, least := course.Series[0], course.Series[1]
	for name, pair := range map[string][2][]float64{"x": {median.X, {0, 1}}, "median": {median.Y, {0.5, 0.5}},
		"low": {median.Low, {0.25, 0.25}}, "high": {median.High, {0.75, 0.75}}, "least": {least.Y, {0, 0}}} {
		t.Run(name, func(t *testing.T) {
			if !slices.Equal(pair[0], pair[1]) {
				t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
			}
		})
	}
	units := charts[1].(plots.Heatmap).Matrices[0] // their sums: 1.5, 0.25, 1.5, 0.25, 1.5
	for i, want := range [][]float64{{0.25, 0}, {0, 0.25}, {0.5, 1}, {1, 0.5}, {0.75, 0.75}} {
		if !slices.Equal(units[i], want) {
			t.Errorf("row %d is %v, want %v", i, units[i], want)
		}
	}
	charts, err = GateCharts(20, []drqn.TrialTrace{one, two})
	if err != nil {
		t.Fatal(err)
	}
	if want := []plots.Period{{Name: "trial 1", Start: 0, End: 2}, {Name: "trial 2", Start: 2, End: 3}}; !slices.Equal(
		charts[0].(plots.Course).Periods, want) {
		t.Errorf("trials at %v", charts[0].(plots.Course).Periods)
	}
	scalar := drqn.TrialTrace{Lambdas: [][]float32{{0.5}, {0.25}}}
	if charts, err = GateCharts(20, []drqn.TrialTrace{scalar}); err != nil || len(charts) != 1 ||
		len(charts[0].(plots.Course).Series) != 1 || charts[0].(plots.Course).Series[0].Low != nil {
		t.Errorf("a scalar gate: %v, %v", charts, err)
	}
	if _, err = GateCharts(20, []drqn.TrialTrace{scalar, {}}); err == nil {
		t.Error("a trial without gates has charts")
	}
}

// The report of a gated run shows when it forgets, over a trial and over several.
func TestReportOfGates(t *testing.T) {
	t.Parallel()
	c := drqntest.Small(t)
	c.ForgetGate, c.ForgetBias, c.ForgetScale, c.ForgetGain, c.TrainLambda = drqn.ForgetRow, 2, 2, 5, false
	c, err := c.WithoutUnused()
	if err != nil {
		t.Fatal(err)
	}
	page := reportOf(t, c)
	for _, want := range []string{"What the cell forgets", "lambda_t, quartiles",
		"lambda_t of each hidden unit over a trial", "Decay lambda_t of M over 5 trials", "trial 5"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}
