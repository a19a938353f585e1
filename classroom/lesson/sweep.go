package lesson

import (
	"math"

	"engram/drqn"
	"engram/plots"
)

// sweepInput trains the agents of step 8 for a slice.
type sweepInput struct {
	slice
}

// sweepData holds the results of the sweep.
type sweepData struct {
	Update int64        `json:"update"`
	Trials []sweepTrial `json:"trials"`
}

// sweepTrial is one agent of the sweep.
type sweepTrial struct {
	LearningRate float64 `json:"learning_rate"`
	Eta          float64 `json:"eta"`
	// Share is the mean over the evaluations so far: what it earned, and how soon; null before the first.
	Share *float64 `json:"share"`
}

// The grid of the sweep.
var (
	sweepRates = []float64{0.0003, 0.001, 0.003, 0.01}
	sweepEtas  = []float64{0, 0.25, 1}
)

// sweepUpdates is the length of a trial.
const sweepUpdates = 150

// sweep trains one agent for each learning rate and eta, all in one program.
func (r *Room) sweep(in sweepInput) (a Answer, err error) {
	if err := in.check(); err != nil {
		return a, err
	}
	if r.swept == nil || in.Anew {
		var configs []drqn.Config
		for _, rate := range sweepRates {
			for _, eta := range sweepEtas {
				c, err := assemble("GoNogo", map[string]any{"learning_rate": rate, "eta": eta, "train_eta": false,
					"hidden": 16, "readout": 16, "updates": sweepUpdates, "eval_every": 15, "eval_trials": 40})
				if err != nil {
					return a, err
				}
				configs = append(configs, c)
			}
		}
		if r.swept, err = newPupil(r.backend, configs...); err != nil {
			return a, err
		}
	}
	p := r.swept
	if a.More, err = learn(in.slice, p); err != nil {
		return a, err
	}
	if a.More && !in.Look {
		return a, nil
	}
	data := sweepData{Update: p.trainer.Update()}
	chart := plots.Parallel{Title: "Each line is an agent", Axes: []plots.Axis{{Name: "learning rate", Log: true},
		{Name: "eta"}, {Name: "share"}}}
	top, most := sweepTrial{}, math.Inf(-1)
	for k, c := range p.configs {
		t, share := sweepTrial{LearningRate: c.LearningRate, Eta: c.Eta}, meanShare(p.evaluations[k])
		if !math.IsNaN(share) {
			t.Share = &share
		}
		data.Trials = append(data.Trials, t)
		chart.Points = append(chart.Points, []float64{t.LearningRate, t.Eta, share})
		if share > most {
			top, most = t, share
		}
	}
	a.Data = data
	a.say("sweep", "%d agents, %d of %d updates each.", len(p.configs), data.Update, sweepUpdates)
	if !math.IsInf(most, -1) {
		a.say("sweep-best", "Best so far: learning rate %g, eta %g.", top.LearningRate, top.Eta)
	}
	return a, a.show("sweep", chart)
}

// meanShare returns the mean share of the ceiling over evaluations of a trained agent; NaN of none.
func meanShare(list []drqn.Evaluation) float64 {
	sum, n := 0.0, 0
	for _, e := range list {
		if e.Update > 0 {
			sum, n = sum+e.ShareOfCeiling, n+1
		}
	}
	return sum / float64(n)
}
