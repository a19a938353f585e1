package lesson

import (
	"errors"
	"math/rand/v2"
	"sync"

	"engram/tasks"
)

// The tasks of the lesson's own, in which two failures show.
const (
	liftName = "Lift"
	cowName  = "Cow"
)

// registered adds the lesson's tasks to package tasks, once.
var registered = sync.OnceValue(func() error {
	return errors.Join(tasks.Register(func() tasks.Task { return newLift() }),
		tasks.RegisterEnvironment(cowName, func() tasks.Env { return new(cow) }))
})

// lift is a task in which it is best to wait for one step: a lift approaches, brighter at each of three steps, is here
// for one step, and is gone.
type lift struct {
	tasks.Choice
	trial struct{ Durations []int }
}

func newLift() *lift {
	return &lift{Choice: tasks.Choice{Base: tasks.NewBase(100,
		tasks.Fixed("approaching", 300), tasks.Fixed("here", 100), tasks.Fixed("gone", 200))}}
}

// Spec implements tasks.Task.
func (l *lift) Spec() tasks.Spec {
	return tasks.Spec{Name: liftName, StepMillis: l.DT, MaxTrialSteps: l.MaxTrialSteps(),
		Observations: []string{"one", "brightness", "gone"}, Actions: []string{"wait", "press"}}
}

// Draw implements tasks.Task.
func (l *lift) Draw(rng *rand.Rand) { l.trial.Durations = l.DrawDurations(l.trial.Durations, rng) }

// Params implements tasks.Task.
func (l *lift) Params() any { return &l.trial }

// Ceiling implements tasks.Task.
func (l *lift) Ceiling() float64 { return 1 }

// Build implements tasks.Task.
func (l *lift) Build(trial *tasks.Trial, _ tasks.Noise) {
	l.Lay(trial, l.trial.Durations)
	trial.Set(trial.All(), 0, 1)
	trial.Set(trial.Period("gone"), 2, 1)
	for step := range trial.Period("gone").Start {
		trial.Observation(step)[1] = float32(step) / 3
	}
	trial.Answer(trial.Period("here"), 1)
}

// liftEarly is what a press pays before the lift is here.
const liftEarly = 0.3

// Judge implements tasks.Task.
func (l *lift) Judge(trial *tasks.Trial, action int) tasks.Verdict {
	switch {
	case action == 0:
		return tasks.Verdict{}
	case trial.In("here"):
		return tasks.Verdict{Reward: 1, End: true, Correct: true}
	case trial.In("approaching"):
		return tasks.Verdict{Reward: liftEarly, End: true}
	}
	return tasks.Verdict{End: true}
}

// What a cow pays.
const (
	cowMilk = 0.3 // a day
	cowMeat = 1.0
	cowDays = 30 // by which agents are judged
)

// cow is an environment without trials: every day one keeps the cow for its milk, for ever, or sells it, which ends the
// episode. The best is to keep it; only a time limit makes selling look better.
type cow struct{ day int }

// Spec implements tasks.Env.
func (c *cow) Spec() tasks.Spec {
	return tasks.Spec{Name: cowName, Observations: []string{"the cow is there"}, Actions: []string{"keep", "sell"}}
}

// Reset implements tasks.Env.
func (c *cow) Reset(uint64) ([]float32, error) {
	c.day = 0
	return []float32{1}, nil
}

// Step implements tasks.Env.
func (c *cow) Step(action int) (tasks.Step, error) {
	c.day++
	if action == 1 {
		return tasks.Step{Observation: []float32{1}, Reward: cowMeat, Terminated: true}, nil
	}
	return tasks.Step{Observation: []float32{1}, Reward: cowMilk}, nil
}
