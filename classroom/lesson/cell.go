package lesson

import (
	"fmt"

	"engram/drqn"
	"engram/lab/report"
	"engram/plots"
	"engram/tasks"
)

// cellInput sets the plastic cell of step 3.
type cellInput struct {
	Eta    float64 `json:"eta"`    // -2 to 2
	Lambda float64 `json:"lambda"` // 0 to 1
	Cue    string  `json:"cue"`    // go or nogo
}

// cellData holds what the cell did in a trial of each cue.
type cellData struct {
	Hidden [][]float32 `json:"hidden"` // h_t of the chosen cue, [T][H]
	Memory [][]float32 `json:"memory"` // M_t of the chosen cue, row-major, [T][H*I]
	Size   []float64   `json:"size"`   // Euclidean norm of M_t
	Apart  []float64   `json:"apart"`  // norm of the difference between M_t after go and after no-go
}

// Sizes of the cell, small enough to see each synapse.
const (
	cellHidden = 6
	cellInputs = 5
	cellSeed   = 4
)

// cell lets one untrained plastic cell read a trial of GoNogo with either cue.
func cell(in cellInput) (a Answer, err error) {
	for _, check := range []error{within("eta", in.Eta, -2, 2), within("lambda", in.Lambda, 0, 1)} {
		if check != nil {
			return a, check
		}
	}
	c, err := assemble("GoNogo", map[string]any{"hidden": cellHidden, "input_size": cellInputs, "readout": 0,
		"eta": in.Eta, "lambda": in.Lambda, "lambda_max": 1, "train_eta": false, "train_lambda": false})
	if err != nil {
		return a, err
	}
	read := map[string]cellTrial{}
	for truth, cue := range []string{"nogo", "go"} {
		if read[cue], err = readTrial(c, truth); err != nil {
			return a, err
		}
	}
	chosen, known := read[in.Cue]
	if !known {
		return a, fmt.Errorf("invalid cue %q: use go or nogo", in.Cue)
	}
	data := cellData{Hidden: chosen.hidden, Memory: chosen.states}
	for t, state := range chosen.states {
		data.Size = append(data.Size, report.Norm(state...))
		data.Apart = append(data.Apart, report.Norm(less(read["go"].states[t], read["nogo"].states[t])...))
	}
	a.Data = data
	steps := len(chosen.states)
	a.say("cell", "After step %d of %d the size of M is %.3g; M after go and M after no-go are %.3g apart.", steps-1,
		steps, data.Size[steps-1], data.Apart[steps-1])
	size := plots.Course{Lines: plots.Lines{Title: "The size of M, and what the cue left in it", XLabel: "step",
		YLabel: "norm"}, Periods: chosen.periods}
	size.Series = []plots.Series{overSteps("M", data.Size), overSteps("M after go less M after no-go", data.Apart)}
	hidden := plots.Course{Lines: plots.Lines{Title: "The activity h of each unit", XLabel: "step", YLabel: "h"},
		Periods: chosen.periods}
	for unit := range cellHidden {
		hidden.Series = append(hidden.Series, overSteps(fmt.Sprint("unit ", unit), column(chosen.hidden, unit)))
	}
	for place, chart := range map[string]plots.Chart{"cell-memory": report.MemoryChart(c, chosen.states),
		"cell-size": size, "cell-hidden": hidden} {
		if err := a.show(place, chart); err != nil {
			return a, err
		}
	}
	return a, nil
}

// cellTrial is what a cell did in a trial.
type cellTrial struct {
	periods        []plots.Period
	hidden, states [][]float32 // [T][H] and [T][H*I]
}

// readTrial lets the untrained cell of a config read the first trial whose correct answer is truth.
func readTrial(c drqn.Config, truth int) (t cellTrial, err error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return t, err
	}
	policy, err := untrained(c)
	if err != nil {
		return t, err
	}
	for seed := uint64(0); ; seed++ {
		trial, _, err := tasks.OracleTrial(env, seed)
		if err != nil {
			return t, err
		}
		steps := len(trial.GroundTruth)
		if trial.GroundTruth[steps-1] != truth {
			continue
		}
		state := make([]float32, cellHidden*cellInputs)
		for step := range steps {
			t.hidden = append(t.hidden, policy.Advance(trial.Observation(step), state))
			t.states = append(t.states, append([]float32(nil), state...))
		}
		for _, p := range trial.Periods {
			if p.End > p.Start {
				t.periods = append(t.periods, plots.Period(p))
			}
		}
		return t, nil
	}
}

// untrained returns the agent with which a run of a config begins.
func untrained(c drqn.Config) (*drqn.Policy, error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	net, err := drqn.NewNetwork(c, env.Spec())
	if err != nil {
		return nil, err
	}
	policy, err := drqn.NewPolicy(c, make([]float32, net.Size()))
	if err != nil {
		return nil, err
	}
	return policy.Untrained(), nil
}

// less returns a - b.
func less(a, b []float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// column returns column i of rows.
func column(rows [][]float32, i int) (list []float64) {
	for _, row := range rows {
		list = append(list, float64(row[i]))
	}
	return list
}

// overSteps returns a curve over steps from 0.
func overSteps(name string, y []float64) plots.Series {
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i)
	}
	return plots.Series{Name: name, X: x, Y: y}
}
