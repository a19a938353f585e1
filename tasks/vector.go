package tasks

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Vector is N environments in lockstep. When an episode ends, its environment is reset at once (Gymnasium's
// same-step autoreset): the Step holds the episode's final observation, Observations the next one's first.
type Vector struct {
	envs         []Env
	seeds        *rand.Rand
	source       *rand.PCG
	size         int
	observations []float32 // [N, O]
	final        []float32 // [N, O]: what the Steps' observations point to
	steps        []Step
	restarted    []int
}

// NewVector makes n environments with construct. Where environments can take their steps at the same time (Asked),
// construct makes the first, and the others are its copies.
func NewVector(n int, construct func() (Env, error)) (*Vector, error) {
	if n < 1 {
		return nil, fmt.Errorf("invalid environments %d: use 1 or more", n)
	}
	v := &Vector{source: rand.NewPCG(0, 0), steps: make([]Step, n)}
	v.seeds = rand.New(v.source)
	for len(v.envs) < n {
		env, err := construct()
		if err != nil {
			return nil, err
		}
		v.envs = append(v.envs, env)
		if len(v.envs) == 1 && n > 1 {
			together, err := copies(env, n)
			if err != nil {
				return nil, err
			}
			if together != nil {
				v.envs = together
			}
		}
	}
	v.size = len(v.Spec().Observations)
	v.observations, v.final = make([]float32, n*v.size), make([]float32, n*v.size)
	return v, nil
}

// Len returns N, the number of environments.
func (v *Vector) Len() int { return len(v.envs) }

// Spec returns the description of each environment.
func (v *Vector) Spec() Spec { return v.envs[0].Spec() }

// Env returns one of the environments.
func (v *Vector) Env(i int) Env { return v.envs[i] }

// Reset begins new episodes, each with a seed drawn from seed.
func (v *Vector) Reset(seed uint64) error {
	v.source.Seed(seed, 1)
	for i := range v.envs {
		if err := v.reset(i); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vector) reset(i int) error {
	observation, err := v.envs[i].Reset(v.seeds.Uint64())
	copy(v.Observation(i), observation)
	return err
}

// Observations returns the observations to act on, [N, O], which are valid until the next call.
func (v *Vector) Observations() []float32 { return v.observations }

// Observation returns the observation of environment i, [O].
func (v *Vector) Observation(i int) []float32 { return v.observations[i*v.size : (i+1)*v.size] }

// Close closes the environments that hold something, such as a process; each is then opened again by a Reset.
func (v *Vector) Close() error {
	var errs []error
	for _, env := range v.envs {
		errs = append(errs, Close(env))
	}
	return errors.Join(errs...)
}

// Step takes an action in each environment. The Steps are valid until the next call.
func (v *Vector) Step(actions []int) ([]Step, error) {
	if len(actions) != len(v.envs) {
		return nil, fmt.Errorf("%d actions for %d environments", len(actions), len(v.envs))
	}
	for i, env := range v.envs {
		if err := ask(env, actions[i]); err != nil {
			return nil, err
		}
	}
	for i, env := range v.envs {
		step, err := answer(env, actions[i])
		if err != nil {
			return nil, err
		}
		final := v.final[i*v.size : (i+1)*v.size]
		copy(final, step.Observation)
		copy(v.Observation(i), step.Observation)
		step.Observation = final
		if step.Terminated || step.Truncated {
			if err := v.reset(i); err != nil {
				return nil, err
			}
		}
		v.steps[i] = step
	}
	return v.steps, nil
}
