package tasks

import (
	"fmt"
	"math"
)

// Wrappers are the options that any environment may have. The zero value changes nothing.
type Wrappers struct {
	// TimeLimit truncates an episode after the given number of steps; 0 is no limit. NeuroGym's users take 500.
	TimeLimit int
	// PassAction appends the previous action to the observation, one-hot, [A]; all zero at first.
	PassAction bool
	// PassReward appends the previous reward to the observation, [1]; zero at first.
	PassReward bool
}

// Wrap applies wrappers to an environment.
func Wrap(env Env, w Wrappers) (Env, error) {
	if w.TimeLimit < 0 {
		return nil, fmt.Errorf("invalid time_limit %d: use 0 for no limit, or more", w.TimeLimit)
	}
	if w == (Wrappers{}) {
		return env, nil
	}
	spec := env.Spec()
	names := append([]string(nil), spec.Observations...)
	if w.PassAction {
		for _, action := range spec.Actions {
			names = append(names, "previous "+action)
		}
	}
	if w.PassReward {
		names = append(names, "previous reward")
	}
	spec.Observations = names
	return &wrapped{env: env, spec: spec, wrappers: w, observation: make([]float32, len(names))}, nil
}

type wrapped struct {
	env         Env
	spec        Spec
	wrappers    Wrappers
	observation []float32
	steps       int
}

func (w *wrapped) Spec() Spec { return w.spec }

// Task implements Inspector.
func (w *wrapped) Task() (Task, *Trial) {
	if inner, ok := w.env.(Inspector); ok {
		return inner.Task()
	}
	return nil, nil
}

func (w *wrapped) Reset(seed uint64) ([]float32, error) {
	observation, err := w.env.Reset(seed)
	if err != nil {
		return nil, err
	}
	w.steps = 0
	clear(w.observation)
	copy(w.observation, observation)
	return w.observation, nil
}

func (w *wrapped) Step(action int) (Step, error) {
	step, err := w.env.Step(action)
	if err != nil {
		return Step{}, err
	}
	w.steps++
	rest := w.observation[copy(w.observation, step.Observation):]
	if w.wrappers.PassAction {
		clear(rest)
		rest[action] = 1
		rest = rest[len(w.spec.Actions):]
	}
	if w.wrappers.PassReward {
		rest[0] = step.Reward
	}
	step.Observation = w.observation
	step.Truncated = step.Truncated || !step.Terminated && w.steps == w.wrappers.TimeLimit
	return step, nil
}

// StepsLeft returns the number of steps that the time limit leaves to an environment's episode: without a limit,
// math.MaxInt.
func StepsLeft(env Env) int {
	w, ok := env.(*wrapped)
	if !ok {
		return math.MaxInt
	}
	left := StepsLeft(w.env)
	if w.wrappers.TimeLimit > 0 {
		left = min(left, w.wrappers.TimeLimit-w.steps)
	}
	return left
}

// timeLimit returns the shortest time limit of an environment, or 0 without a limit.
func timeLimit(env Env) int {
	w, ok := env.(*wrapped)
	if !ok {
		return 0
	}
	inner, own := timeLimit(w.env), w.wrappers.TimeLimit
	if inner == 0 || own > 0 && own < inner {
		return own
	}
	return inner
}

// MostSteps returns an upper bound of the steps until the given number of trials has begun with room for the longest
// one before the time limit. Each episode begins with such a trial. It bounds the loops that wait for trials.
func MostSteps(env Env, trials int) int {
	each := max(env.Spec().MaxTrialSteps, timeLimit(env), 1)
	if trials > math.MaxInt/each {
		return math.MaxInt
	}
	return trials * each
}
