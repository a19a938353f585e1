package drqn

import (
	"fmt"

	"engram/tasks"
)

// Goal says what counts in a config's environment, and what the most of it is.
type Goal struct {
	IsTask     bool    // a task of trials, with a ground truth and a ceiling of its own
	Trials     bool    // trials are counted; else whole episodes
	HasCeiling bool    // a ceiling is known
	Bound      bool    // the ceiling is an upper bound: see tasks.Spec
	Ceiling    float64 // best reward per trial, on average, or the config's ceiling
	Floor      float64 // reward that counts as 0 %
	// SessionTrials is the number of trials of a session where they belong together: see tasks.Spec.
	SessionTrials int
	NotExact      string // why a resumed run is not the one that would not have stopped; empty if it is
}

// Goal returns what counts in the config's environment.
func (c Config) Goal() (Goal, error) {
	p, err := newPlan(c)
	if err != nil {
		return Goal{}, err
	}
	return p.goal, nil
}

// HasCeiling reports whether a ceiling is known of what the config's agent earns. It makes no environment of Python.
func (c Config) HasCeiling() (bool, error) {
	if tasks.Foreign(c.Task) {
		return c.Ceiling > c.Floor, nil
	}
	goal, err := c.Goal()
	return goal.HasCeiling, err
}

// goal returns what counts in an environment of the config, which is made of a task or, if nil, of none.
func (c Config) goal(spec tasks.Spec, task tasks.Task, notExact string) Goal {
	if task == nil {
		return Goal{Trials: spec.Trials, HasCeiling: c.Ceiling > c.Floor, Ceiling: c.Ceiling, Floor: c.Floor,
			NotExact: notExact}
	}
	return Goal{IsTask: true, Trials: true, HasCeiling: true, Ceiling: task.Ceiling(), Bound: spec.CeilingBound,
		SessionTrials: spec.SessionTrials, NotExact: notExact}
}

// StopsEarly reports whether a run of the config may end before its updates are done.
func (c Config) StopsEarly() bool { return c.StopAt > 0 || c.StopAtReturn != 0 }

// solvedBy reports whether an evaluation reaches what ends the run early: stop_at or stop_at_return.
func (c Config) solvedBy(e Evaluation) bool {
	return c.StopAt > 0 && e.ShareOfCeiling >= c.StopAt || c.StopAtReturn != 0 && e.RewardPerTrial >= c.StopAtReturn
}

// Unit returns the word for what is counted.
func (g Goal) Unit() string {
	if g.Trials {
		return "trial"
	}
	return "episode"
}

// share returns the share of the ceiling that a reward per trial is: of the ceiling of the trials drawn, or of the
// task's if none of them could pay; 0 without a ceiling.
func (g Goal) share(reward, ofTrials float64) float64 {
	switch {
	case !g.HasCeiling:
		return 0
	case ofTrials > 0:
		return reward / ofTrials
	}
	return (reward - g.Floor) / (g.Ceiling - g.Floor)
}

// The numbers of trials and of episodes, which are longer, that an agent is judged by.
const taskTrials, generalEpisodes = 2000, 100

// finalSessions is the number of sessions of a task whose trials belong together: 20 of 100 trials, as in taskTrials,
// would leave the regret to luck.
const finalSessions = 200

// FinalTrials returns the number of trials or episodes that an agent is judged by, at the end of its training and
// before stop_at ends it early.
func (g Goal) FinalTrials() int {
	switch {
	case g.SessionTrials > 0:
		return max(taskTrials, finalSessions*g.SessionTrials)
	case g.Trials:
		return taskTrials
	}
	return generalEpisodes
}

// Unit returns the word for what an evaluation counts.
func (e Evaluation) Unit() string { return Goal{Trials: e.Episodes == 0}.Unit() }

// Each returns the word for what an evaluation counts with its article: "a trial" or "an episode".
func (e Evaluation) Each() string {
	if e.Episodes > 0 {
		return "an " + e.Unit()
	}
	return "a " + e.Unit()
}

// Share returns the share of the ceiling, or nil where no ceiling is known.
func (e Evaluation) Share() *float64 {
	if e.NoCeiling {
		return nil
	}
	return &e.ShareOfCeiling
}

// Score returns the share of the ceiling, or the reward per trial where no ceiling is known.
func (e Evaluation) Score() float64 {
	if e.NoCeiling {
		return e.RewardPerTrial
	}
	return e.ShareOfCeiling
}

// SD returns the standard deviation over the episodes or trials, and whether it is known: that of a task's trials is
// not measured, and earlier versions measured none over the trials of other environments.
func (e Evaluation) SD() (sd float64, known bool) {
	if e.ReturnSD != nil {
		return *e.ReturnSD, true
	}
	return 0, e.MeanSteps > 0 || e.Episodes > 0
}

// Brief returns what was earned, with the share of the ceiling, such as "0.482 (96 %)", or else the standard deviation
// over episodes, such as "187.2 ± 9.1".
func (e Evaluation) Brief() string {
	switch sd, known := e.SD(); {
	case !e.NoCeiling:
		return fmt.Sprintf("%.3f (%.0f %%)", e.RewardPerTrial, 100*e.ShareOfCeiling)
	case !known:
		return fmt.Sprintf("%.3f", e.RewardPerTrial)
	default:
		return fmt.Sprintf("%.4g ± %.2g", e.RewardPerTrial, sd)
	}
}

// Text returns what was earned in words.
func (e Evaluation) Text() string {
	text := fmt.Sprintf("%.3f %s", e.RewardPerTrial, e.Each())
	if sd, known := e.SD(); known {
		text += fmt.Sprintf(" (standard deviation %.3g)", sd)
	}
	text += fmt.Sprintf(" over %d %ss", e.Trials, e.Unit())
	if !e.NoCeiling {
		text += fmt.Sprintf(", %.1f %% of the ceiling", 100*e.ShareOfCeiling)
	}
	return text
}
