package main

import (
	"math/rand/v2"

	"engram/tasks"
)

// Echo is a task of one file: one of three tones is played, a delay passes, and the agent repeats the tone.
//
// tasks.Choice adds the rules: acting before the decision ends in a small punishment, the first action in the period
// "decision" is the answer. It brings the rewards, the oracle and the other reference policies, too.
type Echo struct {
	tasks.Choice

	trial struct { // what a trial draws; saved in checkpoints, shown by 'engram tasks show'
		Tone      int   `json:"ground_truth"` // 1, 2 or 3
		Durations []int `json:"durations"`    // steps of each period
	}
}

// NewEcho returns the task with its default timing: 100 ms a step, a delay of 300 to 600 ms.
func NewEcho() *Echo {
	return &Echo{Choice: tasks.Choice{Base: tasks.NewBase(100,
		tasks.Fixed("fixation", 100), tasks.Fixed("tone", 200),
		tasks.TimedPeriod{Name: "delay", Duration: tasks.Uniform(300, 600)}, tasks.Fixed("decision", 100))}}
}

// Spec names the task, its observations and its actions.
func (e *Echo) Spec() tasks.Spec {
	return tasks.Spec{Name: "Echo", StepMillis: e.DT, MaxTrialSteps: e.MaxTrialSteps(),
		Observations: []string{"fixation", "low", "middle", "high"},
		Actions:      []string{"wait", "low", "middle", "high"}}
}

// Draw draws what differs from trial to trial.
func (e *Echo) Draw(rng *rand.Rand) {
	e.trial.Tone = 1 + rng.IntN(3)
	e.trial.Durations = e.DrawDurations(e.trial.Durations, rng)
}

// Params returns what Draw drew.
func (e *Echo) Params() any { return &e.trial }

// Build lays the trial out: which observation is on in which period, and what the right answer is.
func (e *Echo) Build(trial *tasks.Trial, _ tasks.Noise) {
	e.Lay(trial, e.trial.Durations)
	trial.Set(trial.All(), 0, 1)                         // the fixation light is on ...
	trial.Clear(trial.Period("decision"))                // ... until it asks for the answer
	trial.Set(trial.Period("tone"), e.trial.Tone, 1)     // the tone
	trial.Answer(trial.Period("decision"), e.trial.Tone) // to be repeated
}

// Ceiling returns the greatest expected reward of a trial: here every trial can be answered correctly.
func (e *Echo) Ceiling() float64 { return e.Expected(1) }
