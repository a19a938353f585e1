package lab

import (
	"engram/drqn"
	"engram/tasks"
)

// referenceTrials is the number of trials over which reference policies are measured.
const referenceTrials = 2000

// Reference measures what the reference policies of a config's task earn.
func Reference(c drqn.Config) (tasks.Reference, error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return tasks.Reference{}, err
	}
	return tasks.MeasureReference(env, referenceTrials, 0)
}
