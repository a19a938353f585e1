package report

import (
	"fmt"

	"engram/drqn"
	"engram/plots"
	"engram/tasks"
)

// AgentTrial draws a trial of an agent: what it saw, did and earned, and its values of the actions.
func AgentTrial(spec tasks.Spec, t drqn.TrialTrace) plots.Trial {
	chart := emptyTrial("What the agent sees and does, and the value of each action", spec, t.Periods, len(t.Actions))
	for step, action := range t.Actions {
		addStep(&chart, t.Observations[step], action, t.Rewards[step])
	}
	chart.GroundTruth = t.GroundTruth
	chart.Q = make([][]float64, len(spec.Actions))
	for _, values := range t.Q {
		for a, q := range values {
			chart.Q[a] = append(chart.Q[a], float64(q))
		}
	}
	return chart
}

// PolicyTrial draws a trial of a reference policy.
func PolicyTrial(spec tasks.Spec, trial tasks.Trial, steps []tasks.TraceStep) plots.Trial {
	chart := emptyTrial("One trial of "+spec.Name, spec, trial.Periods, len(steps))
	for _, s := range steps {
		addStep(&chart, s.Observation, s.Action, s.Reward)
		chart.GroundTruth = append(chart.GroundTruth, s.GroundTruth)
	}
	return chart
}

// emptyTrial returns a chart with the task's names and periods, cut to the trial's steps, and no steps yet.
func emptyTrial(title string, spec tasks.Spec, periods []tasks.Period, steps int) plots.Trial {
	chart := plots.Trial{Title: title, XLabel: stepLabel(spec),
		Channels: spec.Observations, Observed: make([][]float64, len(spec.Observations)), ActionNames: spec.Actions}
	chart.Periods = periodsOf(periods, steps)
	return chart
}

// stepLabel returns the name of an axis of steps, with their duration where they have one.
func stepLabel(spec tasks.Spec) string {
	if spec.StepMillis == 0 {
		return "step"
	}
	return fmt.Sprintf("step (%d ms)", spec.StepMillis)
}

func addStep(chart *plots.Trial, observation []float32, action int, reward float32) {
	for c := range chart.Observed {
		chart.Observed[c] = append(chart.Observed[c], float64(observation[c]))
	}
	chart.Actions = append(chart.Actions, action)
	chart.Rewards = append(chart.Rewards, float64(reward))
}
