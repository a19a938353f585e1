package lab

import (
	"errors"

	"engram/drqn"
	"engram/tasks"
)

// referenceTrials is the number of trials over which reference policies are measured.
const referenceTrials = 2000

// referenceEpisodes is the number of episodes over which acting at random is measured where there are no such policies.
const referenceEpisodes = 100

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
	defer func() { err = errors.Join(err, tasks.Close(env)) }()
	if env, err = tasks.Wrap(env, tasks.Wrappers{TimeLimit: c.TimeLimit}); err != nil {
		return r, err
	}
	r.Returns, err = tasks.MeasureRandom(env, referenceEpisodes, 0)
	r.Random, r.Ceiling = r.Returns.Mean, c.Ceiling
	return r, err
}
