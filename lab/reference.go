package lab

import (
	"context"
	"errors"
	"math"

	"engram/drqn"
	"engram/tasks"
)

// referenceTrials is the number of trials over which reference policies are measured.
const referenceTrials = 2000

// referenceEpisodes is the number of episodes over which acting at random is measured where there are no such policies.
// A run, at its end, measures no more once they had randomSteps together: its evaluation played as many.
const referenceEpisodes, randomSteps = 100, 20_000

// Reference measures what the reference policies of a config's task earn. In an environment that is no task, that is
// acting at random alone, under the config's time limit.
func Reference(c drqn.Config) (r tasks.Reference, err error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return r, err
	}
	if task, _ := tasks.TaskOf(env); task != nil {
		return tasks.MeasureReference(env, referenceTrials, 0)
	}
	r.Returns, err = measureRandom(context.Background(), env, c.TimeLimit, math.MaxInt)
	r.Random, r.Ceiling = r.Returns.Mean, c.Ceiling
	return r, err
}

// Reference returns what the reference policies of the run's task earn. In an environment that is no task it is what
// the run measured at its end, so that reading it needs no Python; else it is measured.
func (r *Run) Reference() (tasks.Reference, error) {
	if random := r.About.Random; random != nil {
		return tasks.Reference{Returns: *random, Random: random.Mean, Ceiling: r.Config.Ceiling}, nil
	}
	return Reference(r.Config)
}

// random measures what acting at random earns in a config's environment; nil in a task, whose reference policies are
// its own, and where no episode ended.
func random(ctx context.Context, c drqn.Config) (*tasks.Returns, error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	if task, _ := tasks.TaskOf(env); task != nil {
		return nil, nil
	}
	r, err := measureRandom(ctx, env, c.TimeLimit, randomSteps)
	if err != nil || r.Episodes == 0 {
		return nil, err
	}
	return &r, nil
}

var errEnough = errors.New("enough steps")

// measureRandom acts at random in an environment, which it closes, until an episode ends after the given steps. The
// numbers of steps and not the time decide, so that they are the same wherever they are measured.
func measureRandom(ctx context.Context, env tasks.Env, limit, most int) (r tasks.Returns, err error) {
	defer func() { err = errors.Join(err, tasks.Close(env)) }()
	limited, err := tasks.Wrap(env, tasks.Wrappers{TimeLimit: limit})
	if err != nil {
		return r, err
	}
	steps, ended := 0, 0
	r, err = tasks.MeasureRandomUntil(limited, referenceEpisodes, 0, func(r tasks.Returns, _ tasks.Step) error {
		steps++
		if steps >= most && r.Episodes > ended {
			return errEnough
		}
		ended = r.Episodes
		return ctx.Err()
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return r, err
}
