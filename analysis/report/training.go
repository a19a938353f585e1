package report

import (
	"context"
	"fmt"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/lab"
	"engram/plots"
)

// Trained tells in how many dimensions an agent's activity and memory live at one moment of its training.
type Trained struct {
	Update   int64    `json:"update"`                              // of the weights
	Accuracy float64  `json:"accuracy"`                            // of greedy trials
	H        float64  `json:"h_participation_ratio"`               // of h over all steps
	State    *float64 `json:"state_participation_ratio,omitempty"` // of M, or another cell's state
}

// OverTraining computes the dimensions of h and of the state before training and at each of a run's checkpoints, over
// the same trials.
func OverTraining(ctx context.Context, r *lab.Run, o Options) ([]Trained, error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return nil, err
	}
	if len(updates) == 0 {
		return nil, fmt.Errorf("run %s has no checkpoint yet: train it with 'engram train'", r.Dir)
	}
	var over []Trained
	for i, update := range updates {
		p, err := r.PolicyOf(update)
		if err != nil {
			return nil, err
		}
		if i == 0 && update > 0 && r.About.Start == nil {
			before, err := trainedAt(ctx, p.Untrained(), 0, o)
			if err != nil {
				return nil, fmt.Errorf("before training: %w", err)
			}
			over = append(over, before)
		}
		at, err := trainedAt(ctx, p, update, o)
		if err != nil {
			return nil, fmt.Errorf("checkpoint %d: %w", update, err)
		}
		over = append(over, at)
	}
	return over, nil
}

func trainedAt(ctx context.Context, p *drqn.Policy, update int64, o Options) (Trained, error) {
	t := Trained{Update: update}
	r, err := recorded(ctx, p, o)
	if err != nil {
		return t, err
	}
	for _, correct := range r.Correct {
		if correct {
			t.Accuracy += 1 / float64(r.Trials)
		}
	}
	if t.H, err = neural.Participation(sampleOf(r.H, r.Hidden())); err != nil || len(r.State) == 0 {
		return t, err
	}
	state, err := neural.Participation(sampleOf(r.State, len(r.State)/r.Steps))
	t.State = &state
	return t, err
}

// TrainedTable lays out what OverTraining returns.
func TrainedTable(over []Trained) *plots.Table {
	t := &plots.Table{Header: []string{"update", "right", "PR of h", "PR of the state"}}
	for _, at := range over {
		state := "–"
		if at.State != nil {
			state = fmt.Sprintf("%.2f", *at.State)
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(at.Update), fmt.Sprintf("%.0f %%", 100*at.Accuracy),
			fmt.Sprintf("%.2f", at.H), state})
	}
	return t
}
