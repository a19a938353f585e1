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

// endsReturn reports whether a return ends with a step though the episode continues.
func (c Config) endsReturn(s tasks.Step) bool { return c.Return == ReturnTrial && s.Info.TrialEnd }

// endsEpisode says whether the agent's episode ended with a step, and whether it terminated.
func (c Config) endsEpisode(s tasks.Step) (ended, terminated bool) {
	terminated = s.Terminated || c.Episode == EpisodeTrial && s.Info.TrialEnd
	return terminated || s.Truncated, terminated || s.Truncated && c.Flaw == FlawTruncationTerminates
}
