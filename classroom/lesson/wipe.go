package lesson

import (
	"context"
	"errors"
	"slices"

	"engram/lab/perturb"
	"engram/plots"
)

// wipeInput chooses when the memory of step 5's agent is wiped.
type wipeInput struct {
	Step int    `json:"step"` // before its observation is read, from 0
	Cue  string `json:"cue"`  // go or nogo: the trial that is drawn
}

// wipeData holds the numbers behind step 6.
type wipeData struct {
	Update int64           `json:"update"` // of the agent
	Intact float64         `json:"intact"` // share of trials answered correctly
	Wiped  float64         `json:"wiped"`  // with the memory wiped at the step
	Points []perturb.Point `json:"points"` // of each step
}

// wipeTrials is the number of trials at each step.
const wipeTrials = 60

// errNoAgent is the error of steps that need an agent which has learned.
var errNoAgent = errors.New("there is no agent yet: train one first")

// wipe wipes the memory M of the agent before a step of each trial, and counts its answers.
func (r *Room) wipe(in wipeInput) (a Answer, err error) {
	if r.pupil == nil {
		return a, errNoAgent
	}
	p, cues := r.pupil, []string{"nogo", "go"}
	if err := within("step", in.Step, 0, p.policies[0].Spec().MaxTrialSteps-1); err != nil {
		return a, err
	}
	truth := max(0, slices.Index(cues, in.Cue))
	result, err := perturb.Run(context.Background(), p.policies[0], wipeTrials, trialSeed,
		perturb.Perturbation{Kind: perturb.Wipe, When: perturb.Each})
	if err != nil {
		return a, err
	}
	at := min(in.Step, len(result.Points)-1)
	data := wipeData{Update: p.trainer.Update(), Intact: result.Intact.Accuracy, Wiped: result.Points[at].Accuracy,
		Points: result.Points}
	a.Data = data
	a.say("wipe", "The agent, after %d updates, answers %.0f %% of trials right; with its memory wiped before "+
		"step %d, %.0f %%.", data.Update, 100*data.Intact, at, 100*data.Wiped)
	accuracy := plots.Series{Name: "memory wiped before this step"}
	for _, point := range result.Points {
		accuracy.X, accuracy.Y = append(accuracy.X, float64(point.Step)), append(accuracy.Y, point.Accuracy)
		accuracy.Low, accuracy.High = append(accuracy.Low, point.Low), append(accuracy.High, point.High)
	}
	trial, err := p.trial(in.Step, truth)
	if err != nil {
		return a, err
	}
	trial.Title = "The same trial, with the memory wiped"
	curve := plots.Course{Lines: plots.Lines{Title: "Right answers, by the step before which the memory is wiped",
		XLabel: "step", YLabel: "share of trials", Series: []plots.Series{accuracy},
		References: []plots.Reference{{Name: "intact", Y: data.Intact}}}, Periods: trial.Periods}
	if err := a.show("wipe-steps", curve); err != nil {
		return a, err
	}
	return a, a.show("wipe-trial", trial)
}
