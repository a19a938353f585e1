package drqn

import (
	"context"
	"encoding/json"
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

// Outcomes acts greedily for a number of trials of a freshly seeded environment and returns what came of each, for
// analyses by condition, such as a psychometric curve.
func (p *Policy) Outcomes(ctx context.Context, trials int, seed uint64) ([]Outcome, error) {
	if trials < 1 {
		return nil, fmt.Errorf("trials %d is impossible: choose 1 or more", trials)
	}
	outcomes, current := make([]Outcome, 0, trials), Outcome{}
	var failed error
	err := p.run(ctx, seed, func(task tasks.Task) {
		current = Outcome{}
		current.Parameters, failed = json.Marshal(task.Params())
	}, func(m Moment) bool {
		current.Reward += float64(m.Step.Reward)
		if m.Step.Info.TrialEnd {
			current.Answer, current.Correct = m.Action, m.Step.Info.Correct
			outcomes = append(outcomes, current)
		}
		return failed == nil && len(outcomes) < trials
	})
	if failed != nil {
		return nil, fmt.Errorf("task %s: the parameters of a trial: %w", p.config.Task, failed)
	}
	return outcomes, err
}
