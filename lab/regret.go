package lab

import (
	"context"

	"engram/drqn"
	"engram/tasks"
)

// PolicyRegret is the regret of a policy in the sessions of a task.
type PolicyRegret struct {
	Policy string `json:"policy"`
	tasks.Regret
}

// Regrets returns the regret of an agent in a number of sessions, and then, in the same sessions, the regrets of the
// policies that learn within a session (tasks.SessionTask). Where trials stand by themselves it returns none.
func Regrets(ctx context.Context, agent *drqn.Policy, sessions int, seed uint64) ([]PolicyRegret, error) {
	c := agent.Config()
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	task, _ := tasks.TaskOf(env)
	session, ok := task.(tasks.SessionTask)
	if !ok {
		return nil, nil
	}
	r, err := agent.Regret(ctx, sessions, seed)
	if err != nil {
		return nil, err
	}
	regrets := []PolicyRegret{{"agent, greedy", r}}
	for _, learner := range session.Learners(seed) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := tasks.LearnerRegret(env, learner, sessions, seed)
		if err != nil {
			return nil, err
		}
		regrets = append(regrets, PolicyRegret{learner.Name, r})
	}
	return regrets, nil
}
