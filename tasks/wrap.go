package tasks

import (
	"fmt"
	"math"
)

// Wrappers are the options that any environment may have. The zero value changes nothing.
type Wrappers struct {
	// TimeLimit truncates an episode after the given number of steps; 0 is no limit. NeuroGym's users take 500.
	TimeLimit int
	// ObservationScale multiplies what is observed; 0 is as 1.
	ObservationScale float64
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
	if w.ObservationScale == 0 {
		w.ObservationScale = 1
	}
	if w == (Wrappers{ObservationScale: 1}) {
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
	action      int // asked for
}

func (w *wrapped) Spec() Spec { return w.spec }

// Task implements Inspector.
func (w *wrapped) Task() (Task, *Trial) { return TaskOf(w.env) }

// DescribeTrial implements TrialDescriber.
func (w *wrapped) DescribeTrial() (TrialDescription, error) { return DescribeTrial(w.env) }

// Irreproducible implements Irreproducible.
func (w *wrapped) Irreproducible() string { return NotExact(w.env) }

func (w *wrapped) Reset(seed uint64) ([]float32, error) {
	observation, err := w.env.Reset(seed)
	if err != nil {
		return nil, err
	}
	w.steps = 0
	clear(w.observation)
	w.observe(observation)
	return w.observation, nil
}

// observe copies what was observed, scaled, and returns the rest of the observation.
func (w *wrapped) observe(observation []float32) (rest []float32) {
	n := copy(w.observation, observation)
	if scale := float32(w.wrappers.ObservationScale); scale != 1 {
		for i := range n {
			w.observation[i] *= scale
		}
	}
	return w.observation[n:]
}

func (w *wrapped) Step(action int) (Step, error) {
	if err := w.Ask(action); err != nil {
		return Step{}, err
	}
	return w.Answer()
}

// Ask implements Asked.
func (w *wrapped) Ask(action int) error {
	w.action = action
	return ask(w.env, action)
}

// Answer implements Asked.
func (w *wrapped) Answer() (Step, error) {
	step, err := answer(w.env, w.action)
	if err != nil {
		return Step{}, err
	}
	w.steps++
	rest := w.observe(step.Observation)
	if w.wrappers.PassAction {
		clear(rest)
		rest[w.action] = 1
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

// LongestEpisode bounds the steps of an episode where neither the environment nor a time limit does.
const LongestEpisode = 1_000_000

// MostSteps returns an upper bound of the steps until the given number of trials has begun with room for the longest
// one before the time limit. Each episode begins with such a trial. It bounds the loops that wait for trials.
func MostSteps(env Env, trials int) int {
	each := max(env.Spec().MaxTrialSteps, timeLimit(env))
	if each == 0 {
		each = LongestEpisode
	}
	if trials > math.MaxInt/each {
		return math.MaxInt
	}
	return trials * each
}
