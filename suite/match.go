package suite

import "engram/drqn"

// matches reports whether the plan chooses an agent's hidden units.
func (p Plan) matches(a Agent) bool { return p.MatchParameters && a.Name != p.Agents[0].Name }

// matched returns the config of another agent than the first, with the size of the first on the config's task.
func (p Plan) matched(c drqn.Config) (drqn.Config, error) {
	first, err := p.config(c.Task, p.Agents[0])
	if err != nil {
		return c, err
	}
	parameters, err := first.Trainable()
	if err != nil {
		return c, err
	}
	return c.Matched(parameters)
}

// SizeNotice returns drqn.SizeNotice of the plan's agents, on the first task on which there is one.
func (p Plan) SizeNotice() (string, error) {
	for _, task := range p.Tasks {
		var agents []drqn.Sized
		for _, a := range p.Agents {
			if !p.described(task, a) { // of a plan that was read: no runs on this task
				continue
			}
			c, err := p.config(task, a)
			if err != nil {
				return "", err
			}
			n, err := c.Trainable()
			if err != nil {
				return "", err
			}
			agents = append(agents, drqn.Sized{Name: a.Name, Task: task, Parameters: n})
		}
		if notice := drqn.SizeNotice(agents); notice != "" {
			return task + ": " + notice, nil
		}
	}
	return "", nil
}
