package lesson

import (
	"fmt"
	"math/rand/v2"

	"engram/drqn"
	"engram/plots"
)

// lossInput chooses the window of step 4.
type lossInput struct {
	Draw int `json:"draw"` // number of the draw
}

// lossData holds the terms of a window.
type lossData struct {
	Update      int64            `json:"update"` // of the agent whose weights these are
	Terms       drqn.WindowTerms `json:"terms"`
	Loss        float64          `json:"loss"`
	Sensitivity [][]float64      `json:"sensitivity"` // row t: of the value at step t by the input of each step, [T][T]
}

// lossSteps is the number of steps acted to draw windows from.
const lossSteps = 400

// loss computes the TD loss of one window with the weights of step 5's agent, and what each value depends on.
func (r *Room) loss(in lossInput) (a Answer, err error) {
	if err := within("draw", in.Draw, 0, 1_000_000); err != nil {
		return a, err
	}
	if r.pupil == nil {
		return a, errNoAgent
	}
	p := r.pupil
	probe, err := drqn.NewProbe(r.backend, p.configs[0])
	if err != nil {
		return a, err
	}
	weights := p.policies[0].Weights()
	var state drqn.State
	if err := p.trainer.Snapshot(0, &state); err != nil {
		return a, err
	}
	target := append([]float64(nil), weights...)
	for i, w := range state.Target {
		target[i] = float64(w)
	}
	windows, err := probe.Experience(weights, lossSteps, p.trainer.Update())
	if err != nil {
		return a, err
	}
	batch, err := windows.NewBatch(1)
	if err != nil {
		return a, err
	}
	if err := windows.Sample(batch, rand.New(rand.NewPCG(uint64(in.Draw), 1))); err != nil {
		return a, err
	}
	terms, loss, err := probe.Terms(weights, target, batch)
	if err != nil {
		return a, err
	}
	data := lossData{Update: p.trainer.Update(), Terms: terms[0], Loss: loss}
	if data.Sensitivity, err = probe.Sensitivity(weights, batch, 0); err != nil {
		return a, err
	}
	a.Data = data
	a.say("loss", "The loss of this window is %.4g: the mean of its terms. The agent has done %d updates.", loss,
		data.Update)
	actions := p.policies[0].Spec().Actions
	table := &plots.Table{Header: []string{"step", "action", "reward", "q", "target y", "q - y", "Huber"}}
	taken, targets, losses := plots.Series{Name: "value q of the action taken"}, plots.Series{Name: "target y"},
		plots.Series{Name: "Huber loss of q - y"}
	for t, mask := range data.Terms.Mask {
		if mask == 0 {
			continue
		}
		w, x := data.Terms, float64(t)
		table.Addf("%d\t%s\t%.3g\t%.3f\t%.3f\t%.3f\t%.4f", t, actions[batch.Actions[t]], batch.Rewards[t], w.Taken[t],
			w.Targets[t], w.Errors[t], w.Losses[t])
		for s, y := range map[*plots.Series]float64{&taken: w.Taken[t], &targets: w.Targets[t], &losses: w.Losses[t]} {
			s.X, s.Y = append(s.X, x), append(s.Y, y)
		}
	}
	a.Tables = map[string]*plots.Table{"loss": table}
	lines := plots.Lines{Title: "The terms of the loss, step by step", XLabel: "step in the window",
		YLabel: "value; loss", Series: []plots.Series{taken, targets, losses}}
	if err := a.show("loss", lines); err != nil {
		return a, err
	}
	gradient := plots.Heatmap{Title: "How much the value at a step depends on each earlier input", Values: "norm",
		XLabel: "input of step s", YLabel: "value at step t", Matrices: [][][]float64{data.Sensitivity}}
	if !positive(data.Sensitivity) {
		return a, fmt.Errorf("the values of this window depend on no input: draw another")
	}
	return a, a.show("gradient", gradient)
}

// positive reports whether a matrix has a number above 0.
func positive(m [][]float64) bool {
	for _, row := range m {
		for _, x := range row {
			if x > 0 {
				return true
			}
		}
	}
	return false
}
