package lesson

import (
	"context"
	"fmt"
	"slices"

	"engram/drqn"
	"engram/lab/report"
	"engram/plots"
	"engram/tasks"
)

// solvedAt is the share of the ceiling that counts as solved, in two evaluations in a row.
const solvedAt = 0.95

// trialSeed is the seed of the trials that are shown.
const trialSeed = 5

// trainInput chooses the agent, and how far it trains now. Another choice begins anew.
type trainInput struct {
	Task         string  `json:"task"`
	Seed         uint64  `json:"seed"`
	LearningRate float64 `json:"learning_rate"`
	slice
}

// trainData holds the numbers behind step 5.
type trainData struct {
	Task        string            `json:"task"`
	Update      int64             `json:"update"`
	Share       float64           `json:"share"` // of the ceiling, in the newest evaluation
	Solved      bool              `json:"solved"`
	Digest      string            `json:"digest"` // SHA-256 of the weights
	Evaluations []drqn.Evaluation `json:"evaluations"`
}

// train trains the agent of step 5.
func (r *Room) train(in trainInput) (a Answer, err error) {
	if err := in.check(); err != nil {
		return a, err
	}
	if !slices.Contains(playable, in.Task) {
		return a, fmt.Errorf("invalid task %q: use one of %v", in.Task, playable)
	}
	c, err := assemble(in.Task, map[string]any{"seed": in.Seed, "learning_rate": in.LearningRate})
	if err != nil {
		return a, err
	}
	if r.pupil == nil || in.Anew || r.pupil.configs[0].Differences(c) != "" {
		if r.pupil, err = newPupil(r.backend, c); err != nil {
			return a, err
		}
	}
	p := r.pupil
	before := p.solved()
	if a.More, err = learn(in.slice, p); err != nil {
		return a, err
	}
	a.More = a.More && (before || !p.solved()) // it pauses once it is solved
	if a.More && !in.Look {
		return a, nil
	}
	return a, p.show(&a)
}

// solved reports whether two evaluations in a row reached the share that counts as solved.
func (p *pupil) solved() bool {
	list, n := p.evaluations[0], len(p.evaluations[0])
	return n >= 3 && list[n-1].ShareOfCeiling >= solvedAt && list[n-2].ShareOfCeiling >= solvedAt
}

// show draws the curves of one agent, and its values in a trial.
func (p *pupil) show(a *Answer) error {
	digest, err := p.digest(0)
	if err != nil {
		return err
	}
	data := trainData{Task: p.configs[0].Task, Update: p.trainer.Update(), Share: p.share(0), Solved: p.solved(),
		Digest: digest, Evaluations: p.evaluations[0]}
	a.Data = data
	verdict := ""
	if data.Solved {
		verdict = " Solved: two evaluations in a row reached 95 %."
	}
	a.say("train", "%d updates: the agent earns %.0f %% of what the ideal observer earns.%s", data.Update,
		100*data.Share, verdict)
	a.say("digest", "SHA-256 of the weights: %s", digest)
	curves := plots.Lines{Title: "What the agent earns on fresh trials", XLabel: "updates", YLabel: "share of the best",
		Series: []plots.Series{p.shares(0, "agent")}, References: best}
	if !curves.Empty() {
		if err := a.show("train-share", curves); err != nil {
			return err
		}
	}
	loss := plots.Series{Name: "TD loss"}
	for _, m := range p.metrics[0] {
		loss.X, loss.Y = append(loss.X, float64(m.Update)), append(loss.Y, m.Loss)
	}
	losses := plots.Lines{Title: "The loss of the windows drawn", XLabel: "updates", YLabel: "TD loss", LogY: true,
		Series: []plots.Series{loss}}
	if !losses.Empty() {
		if err := a.show("train-loss", losses); err != nil {
			return err
		}
	}
	trial, err := p.trial(-1, 1)
	if err != nil {
		return err
	}
	return a.show("train-trial", trial)
}

// trial draws the first of some trials whose correct answer is truth, acted by the agent with its memory wiped before a
// step; -1: never.
func (p *pupil) trial(wiped, truth int) (plots.Trial, error) {
	traces, err := p.acted(wiped)
	if err != nil {
		return plots.Trial{}, err
	}
	chosen := traces[0]
	for _, t := range slices.Backward(traces) {
		if last := len(t.GroundTruth) - 1; t.GroundTruth[last] == truth {
			chosen = t
		}
	}
	return report.AgentTrial(p.policies[0].Spec(), chosen), nil
}

// acted returns some trials of the agent.
func (p *pupil) acted(wiped int) (traces []drqn.TrialTrace, err error) {
	var t drqn.TrialTrace
	err = p.policies[0].Act(context.Background(), 8, trialSeed, drqn.Hooks{
		Begin: func(tasks.Task, *tasks.Trial) { t = drqn.TrialTrace{} },
		Before: func(step int, state []float32) {
			if step == wiped {
				clear(state)
			}
		},
		Each: func(m drqn.Moment) {
			t.Periods = slices.Clone(m.Periods)
			t.Observations, t.Q = append(t.Observations, slices.Clone(m.Observation)), append(t.Q, slices.Clone(m.Q))
			t.Actions, t.Rewards = append(t.Actions, m.Action), append(t.Rewards, m.Step.Reward)
			t.GroundTruth = append(t.GroundTruth, m.Step.Info.GroundTruth)
			if m.Step.Info.TrialEnd {
				t.Correct = m.Step.Info.Correct
				traces = append(traces, t)
			}
		}})
	return traces, err
}
