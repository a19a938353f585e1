package tasks

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// Returns sums up the returns of episodes: the rewards of each, not discounted.
type Returns struct {
	Episodes int     `json:"episodes"`
	Mean     float64 `json:"mean_return"`
	SD       float64 `json:"return_sd"`  // of the episodes, divided by their number
	Steps    float64 `json:"mean_steps"` // of an episode

	squares float64 // sum of squared deviations from the mean
}

// Add adds an episode. Mean and deviation are Welford's (1962), which lose no digits to large sums.
func (r *Returns) Add(reward float64, steps int) {
	r.Episodes++
	n := float64(r.Episodes)
	before := reward - r.Mean
	r.Mean += before / n
	r.squares += before * (reward - r.Mean)
	r.SD = math.Sqrt(r.squares / n)
	r.Steps += (float64(steps) - r.Steps) / n
}

// Ends reports whether a step ends what is counted: a trial in an environment that has trials, else an episode.
func Ends(s Step, trials bool) bool {
	if trials {
		return s.Info.TrialEnd
	}
	return s.Terminated || s.Truncated
}

// MeasureRandom returns what acting at random earns in an environment, over a number of whole episodes, or trials where
// it has those.
func MeasureRandom(env Env, episodes int, seed uint64) (Returns, error) {
	return MeasureRandomUntil(env, episodes, seed, func(Returns, Step) error { return nil })
}

// MeasureRandomUntil measures as MeasureRandom does, and calls after with each step and the returns of the episodes
// that have ended. An error of after, and a reward or observation that is NaN or infinite, ends it: it then returns the
// error beside what it has measured.
func MeasureRandomUntil(env Env, episodes int, seed uint64, after func(Returns, Step) error) (Returns, error) {
	var r Returns
	vector, err := NewVector(1, func() (Env, error) { return env, nil })
	if err != nil {
		return r, err
	}
	if err := vector.Reset(seed); err != nil {
		return r, err
	}
	if err := checkFinite(env, "an observation", vector.Observation(0)...); err != nil {
		return r, err
	}
	rng, actions, trials := rand.New(rand.NewPCG(seed, 2)), make([]int, 1), HasTrials(env)
	reward, steps := 0.0, 0
	for range MostSteps(env, episodes) {
		actions[0] = rng.IntN(len(env.Spec().Actions))
		answers, err := vector.Step(actions)
		if err != nil {
			return r, err
		}
		s := answers[0]
		err = errors.Join(checkFinite(env, "an observation", s.Observation...), checkFinite(env, "a reward", s.Reward))
		if err != nil {
			return r, err
		}
		reward, steps = reward+float64(s.Reward), steps+1
		ended := Ends(s, trials)
		if ended {
			r.Add(reward, steps)
		}
		if ended || s.Truncated {
			reward, steps = 0, 0
		}
		if err := after(r, s); err != nil {
			return r, err
		}
		if r.Episodes == episodes {
			break
		}
	}
	return r, nil
}

// checkFinite refuses an observation or reward of an environment that is NaN or infinite.
func checkFinite(env Env, what string, values ...float32) error {
	i := slices.IndexFunc(values, func(x float32) bool { return !numbers.Finite(x) })
	if i < 0 {
		return nil
	}
	return fmt.Errorf("%s: %s is %v as a float32: look at the environment", env.Spec().Name, what, values[i])
}
