package drqn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"engram/tasks"
)

// Outcome is what a greedy agent made of one trial, with the trial's condition.
type Outcome struct {
	Parameters json.RawMessage `json:"parameters"` // of the trial, as its task names them: {"ground_truth":1,"coh":6.4, ...}
	Answer     int             `json:"answer"`     // the last action
	Correct    bool            `json:"correct"`
	Reward     float64         `json:"reward"` // of the whole trial
}

// Outcomes acts greedily for a number of whole trials of a freshly seeded environment and returns what came of each,
// for analyses by condition, such as a psychometric curve.
func (p *Policy) Outcomes(ctx context.Context, trials int, seed uint64) ([]Outcome, error) {
	var outcomes []Outcome
	var current Outcome
	var failed error
	err := p.run(ctx, trials, seed, func(task tasks.Task, _ *tasks.Trial) {
		parameters, err := json.Marshal(task.Params())
		current, failed = Outcome{Parameters: parameters}, errors.Join(failed, err)
	}, func(m Moment) {
		current.Reward += float64(m.Step.Reward)
		if m.Step.Info.TrialEnd {
			current.Answer, current.Correct = m.Action, m.Step.Info.Correct
			outcomes = append(outcomes, current)
		}
	})
	if failed != nil {
		return nil, fmt.Errorf("task %s: the parameters of a trial: %w", p.config.Task, failed)
	}
	return outcomes, err
}
