package drqn

import "engram/tasks"

// newEnvironment is one environment of a config.
func (c Config) newEnvironment() (tasks.Env, error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	return tasks.Wrap(env, tasks.Wrappers{TimeLimit: c.TimeLimit, PassAction: c.PassAction, PassReward: c.PassReward})
}

// endsEpisode says whether the agent's episode ended with a step, and whether it terminated.
func (c Config) endsEpisode(s tasks.Step) (ended, terminated bool) {
	terminated = s.Terminated || c.Episode == EpisodeTrial && s.Info.TrialEnd
	return terminated || s.Truncated, terminated || s.Truncated && c.Flaw == FlawTruncationTerminates
}
