package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"engram/drqn"
	"engram/lab"
	"engram/plots"
	"engram/tasks"
)

// Explored lists the parameters of an MPN whose values Explore changes.
func Explored() []string { return []string{"eta", "lambda"} }

// Explore lets a run's agent act in one and the same fresh trial with each value in place of a learned parameter, the
// plasticity rate eta or the decay lambda, and draws the values of the actions and the size of M, the root of the mean
// of its squares, over the steps; a slider chooses the value.
func Explore(ctx context.Context, r *lab.Run, parameter string, values []float64, seed uint64) (plots.Slider, error) {
	s := plots.Slider{Title: fmt.Sprintf("One trial with other values of %s", parameter), Name: parameter}
	switch {
	case !slices.Contains(Explored(), parameter):
		return s, fmt.Errorf("unknown parameter %q: use one of %v", parameter, Explored())
	case r.Config.Cell != "mpn":
		return s, fmt.Errorf("run %s has cell %s, which has no %s: use a run of cell mpn", r.Dir, r.Config.Cell,
			parameter)
	case len(values) == 0:
		return s, fmt.Errorf("parameter %s has no values: name those to act with", parameter)
	}
	env, err := tasks.New(r.Config.Task, r.Config.TaskOptions)
	if err != nil {
		return s, err
	}
	actions := env.Spec().Actions
	for _, value := range values {
		policy, _, err := r.Policy()
		if err != nil {
			return s, err
		}
		for _, t := range policy.Tensors() {
			if t.Name == parameter || strings.HasSuffix(t.Name, "."+parameter) { // of each of two layers
				fill(t.Data, float32(value))
			}
		}
		traces, err := policy.Rollout(ctx, 1, seed)
		if err != nil {
			return s, err
		}
		s.Values = append(s.Values, fmt.Sprint(value))
		s.Frames = append(s.Frames, exploredLines(actions, traces[0]))
	}
	return s, nil
}

// fill sets all numbers to one value.
func fill(data []float32, value float32) {
	for i := range data {
		data[i] = value
	}
}

// exploredLines draws the values of the actions and the size of M over the steps of a trial.
func exploredLines(actions []string, t drqn.TrialTrace) plots.Lines {
	l := plots.Lines{XLabel: "step", YLabel: "value; size of M"}
	for a, name := range actions {
		s := plots.Series{Name: "Q(" + name + ")"}
		for step := range t.Q {
			s.X, s.Y = append(s.X, float64(step)), append(s.Y, float64(t.Q[step][a]))
		}
		l.Series = append(l.Series, s)
	}
	m := plots.Series{Name: "size of M", X: l.Series[0].X}
	for _, state := range t.States {
		m.Y = append(m.Y, Norm(state...)/math.Sqrt(float64(len(state))))
	}
	l.Series = append(l.Series, m)
	return l
}
