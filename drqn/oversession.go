package drqn

import (
	"context"
	"fmt"

	"engram/tasks"
)

// Place is what the trials earn that have the same place in their session.
type Place struct {
	Trials  int     `json:"trials"`
	Reward  float64 `json:"reward_per_trial"`
	Ceiling float64 `json:"trial_ceiling"` // mean of what the best policy earns on them, as in Evaluation
}

// FewestPlaced is the fewest trials of a place whose mean is shown.
const FewestPlaced = 10

// OverSession acts greedily for a number of whole trials, as Evaluate does with the same seed, and returns what the
// first trials of a session earn, the second, and so on. A first trial meets an empty memory, a later one what those
// before it have left. Only a task of trials has places.
func (p *Policy) OverSession(ctx context.Context, trials int, seed uint64) ([]Place, error) {
	if err := p.CheckTask(); err != nil {
		return nil, err
	}
	if p.config.Episode != EpisodeSession {
		return nil, fmt.Errorf("episode is %s: each trial begins anew, so that none has a place in a session",
			p.config.Episode)
	}
	var places []Place
	var ceiling func(*tasks.Trial) float64
	var trial Place // the current one
	at := 0         // its place
	err := p.Act(ctx, trials, seed, Hooks{Begin: func(task tasks.Task, drawn *tasks.Trial) {
		if ceiling == nil {
			ceiling = tasks.TrialCeiling(task)
		}
		trial = Place{Ceiling: ceiling(drawn)}
	}, Each: func(m Moment) {
		if m.Fresh {
			at = 0
		}
		trial.Reward += float64(m.Step.Reward)
		if m.Step.Info.TrialEnd {
			if at == len(places) {
				places = append(places, Place{})
			}
			places[at].add(trial)
			at++
		}
	}})
	return places, err
}

// Places returns what OverSession does where that says something, and none elsewhere: where trials begin anew, where
// sessions are so long that few begin, and where their trials belong together, which Regret is for.
func (p *Policy) Places(ctx context.Context, trials int, seed uint64) ([]Place, error) {
	if !p.goal.IsTask || p.config.Episode != EpisodeSession || p.goal.SessionTrials > 0 {
		return nil, nil
	}
	places, err := p.OverSession(ctx, trials, seed)
	if err != nil || places[0].Trials < FewestPlaced {
		return nil, err
	}
	return places, nil
}

// add adds a trial to the means.
func (p *Place) add(trial Place) {
	p.Trials++
	p.Reward += (trial.Reward - p.Reward) / float64(p.Trials)
	p.Ceiling += (trial.Ceiling - p.Ceiling) / float64(p.Trials)
}
