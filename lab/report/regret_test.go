package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/lab"
	"engram/plots"
	"engram/tasks"
)

// TestRegretChart draws a curve for each policy, from trial 1.
func TestRegretChart(t *testing.T) {
	t.Parallel()
	chart := RegretChart([]lab.PolicyRegret{{Policy: "a", Regret: tasks.Regret{Curve: []float64{0.5, 1}}},
		{Policy: "b", Regret: tasks.Regret{Curve: []float64{0, 0.25}}}}).(plots.Lines)
	b := chart.Series[1]
	if len(chart.Series) != 2 || b.Name != "b" || !slices.Equal(b.X, []float64{1, 2}) ||
		!slices.Equal(b.Y, []float64{0, 0.25}) {
		t.Errorf("it draws %+v", chart.Series)
	}
	if _, err := chart.SVG(); err != nil {
		t.Error(err)
	}
}

// The report of a run whose trials belong together compares what policies lose in a session, unless
// a time limit cuts each session.
func TestReportOfRegret(t *testing.T) {
	t.Parallel()
	for limit, has := range map[int]bool{0: true, 12: true, 11: false} {
		c := drqntest.Small(t)
		c.Task, c.TaskOptions, c.TimeLimit = "TwoArmedBandit", json.RawMessage(`{"trials":12}`), limit
		page := reportOf(t, c)
		for _, want := range []string{"Learning within a session", "Bayes-optimal", "Thompson", "win-stay",
			"200 sessions of 12 trials"} {
			if strings.Contains(page, want) != has {
				t.Errorf("time limit %d: the report has %q: %v", limit, want, !has)
			}
		}
	}
}
