package drqn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"engram/internal/numbers"
	"engram/mpn"
	"engram/tasks"
)

// Moment is one step of a greedy agent; its slices are valid only during the call.
type Moment struct {
	Observation []float32 // to which the action is the answer, [O]
	Q           []float32 // the actions' values, [A]
	Hidden      []float32 // the cell's activity, [H]
	Lambdas     []float32 // lambda_t of each gate, [R]; nil without a gate
	State       []float32 // the recurrent state after the observation was read, [S]
	Action      int
	Step        tasks.Step     // what the environment answered
	Periods     []tasks.Period // of the trial acted in
	At          int            // the trial's step, from 0
	Fresh       bool           // the episode began with this step, from a state of zeros
}

// Hooks are called while a Policy acts; each may be nil. All are called only in trials that count; see Act.
type Hooks struct {
	// Begin is called before the first step of a trial.
	Begin func(task tasks.Task, trial *tasks.Trial)
	// Describe is called after Begin, with what is known of the trial, or of the episode of an environment without
	// trials. Its periods are those of the Moments that follow.
	Describe func(tasks.TrialDescription)
	// Before is called before the observation of a step of the trial is read. It may change the state [S].
	Before func(step int, state []float32)
	// Cell is called after the cell's step and before the head reads hidden [H]. It may change hidden and state [S].
	Cell func(step int, hidden, state []float32)
	// Each is called after every step.
	Each func(Moment)
}

// Act acts greedily in a freshly seeded environment until so many trials, or episodes of an environment without trials,
// have ended, and calls the hooks. Only trials count that begin with room for the longest one before the time limit:
// trials that end in time only because they are short or answered quickly would be a biased choice.
func (p *Policy) Act(ctx context.Context, trials int, seed uint64, hooks Hooks) (err error) {
	if trials < 1 || trials > mostTrials {
		return fmt.Errorf("invalid trials %d: use 1 to %d", trials, mostTrials)
	}
	env, err := p.config.newEnvironment()
	if err != nil {
		return err
	}
	envs, err := tasks.NewVector(1, func() (tasks.Env, error) { return env, nil })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, envs.Close()) }()
	if err := envs.Reset(seed); err != nil {
		return err
	}
	task, trial := tasks.TaskOf(env)
	var periods []tasks.Period
	state, seen, action := p.agent.NewState(), make([]float32, p.net.Observation), make([]int, 1)
	longest, ended, counts, fresh, at := env.Spec().MaxTrialSteps, 0, false, true, 0
	if hooks.Cell != nil {
		p.agent.alter = func(hidden, state []float32) {
			if counts {
				hooks.Cell(at, hidden, state)
			}
		}
		defer func() { p.agent.alter = nil }()
	}
	for range tasks.MostSteps(env, trials) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if at == 0 {
			if task != nil {
				periods = append(periods[:0], trial.Periods...)
			}
			if counts = !p.goal.Trials || tasks.StepsLeft(env) >= longest; counts && hooks.Begin != nil {
				hooks.Begin(task, trial)
			}
			if counts && hooks.Describe != nil {
				about, err := tasks.DescribeTrial(env)
				if err != nil {
					return err
				}
				periods = append(periods[:0], about.Periods...)
				hooks.Describe(about)
			}
		}
		if counts && hooks.Before != nil {
			hooks.Before(at, state)
		}
		copy(seen, envs.Observation(0))
		if err := checkFinite(p.spec, 0, "an observation", seen...); err != nil {
			return err
		}
		q := p.agent.Q(seen, state)
		action[0] = numbers.Argmax(q)
		steps, err := envs.Step(action)
		if err != nil {
			return err
		}
		if counts && hooks.Each != nil {
			hooks.Each(Moment{seen, q, p.agent.Hidden(), p.agent.Lambdas(), state, action[0], steps[0], periods, at,
				fresh})
		}
		done := tasks.Ends(steps[0], p.goal.Trials)
		if counts && done {
			if ended++; ended == trials {
				return nil
			}
		}
		if at++; done || steps[0].Terminated || steps[0].Truncated {
			at = 0
		}
		if fresh, _ = p.config.endsEpisode(steps[0]); fresh {
			clear(state)
		}
	}
	if longest == 0 {
		return fmt.Errorf("only %d of %d %ss of %s ended, of at most %d steps each: use a time_limit", ended, trials,
			p.goal.Unit(), p.config.Task, tasks.LongestEpisode)
	}
	return fmt.Errorf("only %d of %d %ss ended: one of %s has more than the %d steps that its Spec allows", ended,
		trials, p.goal.Unit(), p.config.Task, longest)
}

// mostTrials bounds the trials of an evaluation.
const mostTrials = 1 << 30

// Config returns the config that the policy was learned with, with the task options in which it acts.
func (p *Policy) Config() Config { return p.config }

// Spec returns the description of the environment as the agent sees it.
func (p *Policy) Spec() tasks.Spec { return p.spec }

// Goal returns what is counted where the policy acts, and what can be earned.
func (p *Policy) Goal() Goal { return p.goal }

// CheckTask returns an error if the policy acts in no task, whose trials have conditions and a ground truth to compare.
func (p *Policy) CheckTask() error {
	if p.goal.IsTask {
		return nil
	}
	return fmt.Errorf("%s is no task of engram: use a run of one that 'engram tasks' lists, or of a task of your own "+
		"in Go, whose trials can be compared; 'engram record' writes what any environment says of its trials",
		p.config.Task)
}

// Hidden returns H, the number of the cell's units.
func (p *Policy) Hidden() int { return len(p.agent.hidden) }

// StateShape returns the shape of the recurrent state: [H, I], that of M, for one layer of an MPN, nil for a cell
// without state, and [S] for any other.
func (p *Policy) StateShape() []int {
	switch cell := p.net.cell.(type) {
	case mpn.MPN:
		return []int{cell.Hidden, cell.Input}
	case mpn.Variant:
		return []int{cell.Plain.Hidden, cell.Plain.Input}
	}
	if size := p.net.StateSize(); size > 0 {
		return []int{size}
	}
	return nil
}

// Ask returns the values [A] that the agent would give an observation [O] in a state [S], in new memory. The state
// stays as it is.
func (p *Policy) Ask(observation, state []float32) []float32 {
	return slices.Clone(p.agent.Q(observation, slices.Clone(state)))
}

// Advance reads an observation [O], advances the state [S] and returns the cell's activity [H], in new memory.
func (p *Policy) Advance(observation, state []float32) []float32 {
	p.agent.Q(observation, state)
	return slices.Clone(p.agent.hidden)
}

// Untrained returns the agent with the weights with which a run of the config begins.
func (p *Policy) Untrained() *Policy {
	return p.plan.policy(p.net.Init(stream(p.config.Seed, streamWeights).Rand))
}
