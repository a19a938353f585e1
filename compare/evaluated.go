package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"engram/drqn"
	"engram/lab"
	"engram/lab/record"
	"engram/plots"
)

// Evaluated is an evaluation with the task options that were laid over those of training.
type Evaluated struct {
	TaskOptions json.RawMessage `json:"task_options,omitempty"`
	drqn.Evaluation
	// Regrets are those of the agent and of the policies that learn within a session, where trials belong together.
	Regrets []lab.PolicyRegret `json:"regrets,omitempty"`
	// Places are what trials earn by their place in a session, where trials stand by themselves but M goes on.
	Places []drqn.Place `json:"places,omitempty"`
}

// EvaluateWith evaluates the agent of a run's checkpoint (see record.Policy), greedily and on fresh trials, with each
// JSON object of task options, or as it was trained where there are none. Options that do not fit are refused before
// anything is evaluated. The run gets the notices of reading the checkpoint.
func EvaluateWith(ctx context.Context, run *lab.Run, checkpoint string, options []string, trials int,
	seed uint64) ([]Evaluated, error) {
	settings, all := []*lab.Run{run}, make([]Evaluated, max(1, len(options)))
	if len(options) > 0 {
		settings = nil
	}
	for i, text := range options {
		other, err := run.WithOptions(json.RawMessage(text))
		if err != nil {
			return nil, err
		}
		settings = append(settings, other)
		all[i].TaskOptions = json.RawMessage(text)
	}
	for i := range all {
		if err := all[i].evaluate(ctx, settings[i], checkpoint, trials, seed); err != nil {
			return nil, err
		}
	}
	run.Notices = settings[0].Notices // the same of all: one checkpoint is read
	return all, nil
}

// evaluate evaluates the agent of a checkpoint, with its regret where trials belong together, and else what trials earn
// by their place in a session.
func (e *Evaluated) evaluate(ctx context.Context, run *lab.Run, checkpoint string, trials int, seed uint64) error {
	policy, update, err := record.Policy(run, checkpoint, nil)
	if err != nil {
		return err
	}
	if e.Evaluation, err = policy.Evaluate(ctx, trials, seed); err != nil {
		return err
	}
	e.Update = update
	if e.Sessions > 0 {
		e.Regrets, err = lab.Regrets(ctx, policy, e.Sessions, seed)
	} else {
		e.Places, err = policy.Places(ctx, trials, seed)
	}
	return err
}

// String returns the evaluation as a line of text.
func (e Evaluated) String() string {
	with, correct := "", ""
	if e.TaskOptions != nil {
		with = " with " + string(e.TaskOptions)
	}
	if e.Episodes == 0 {
		correct = fmt.Sprintf(", %.1f %% correct", 100*e.Accuracy)
	}
	return fmt.Sprintf("%s%s: %s%s (seed %d)%s", e.Task, with, e.Text(), correct, e.Seed,
		e.regretText()+e.placesText())
}

// regretText returns the regrets of a session in words, or nothing where there are none.
func (e Evaluated) regretText() string {
	var each []string
	for _, r := range e.Regrets {
		each = append(each, fmt.Sprintf("%s %.2f", r.Policy, r.Mean))
	}
	if each == nil {
		return ""
	}
	return fmt.Sprintf("; regret of a session of %d trials: %s", len(e.Regrets[0].Curve), strings.Join(each, ", "))
}

// firstPlaces bounds the places that a line of text names.
const firstPlaces = 5

// placesText returns in words what the first trials of a session earn, or nothing where there are no sessions.
func (e Evaluated) placesText() string {
	var each []string
	for _, p := range e.Places[:min(firstPlaces, len(e.Places))] {
		each = append(each, fmt.Sprintf("%.3f", p.Reward))
	}
	if each == nil {
		return ""
	}
	return "; the first trials of a session earn " + strings.Join(each, ", ")
}

// EvaluatedTable lists evaluations of one run with several task options. It has no column of what none of them has.
func EvaluatedTable(all []Evaluated) *plots.Table {
	t := &plots.Table{Header: []string{"task options"}, Rows: make([][]string, len(all))}
	for i, e := range all {
		t.Rows[i] = []string{string(e.TaskOptions)}
	}
	column := func(name string, has func(Evaluated) bool, text func(Evaluated) string) {
		if !slices.ContainsFunc(all, has) {
			return
		}
		t.Header = append(t.Header, name)
		for i, e := range all {
			t.Rows[i] = append(t.Rows[i], text(e))
		}
	}
	percent := func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
	hasTrials := func(e Evaluated) bool { return e.Episodes == 0 }
	column(all[0].Each(), func(Evaluated) bool { return true },
		func(e Evaluated) string { return fmt.Sprintf("%.3f", e.RewardPerTrial) })
	column("standard deviation", func(e Evaluated) bool { _, known := e.SD(); return known },
		func(e Evaluated) string { sd, _ := e.SD(); return fmt.Sprintf("%.3g", sd) })
	column("of the ceiling", func(e Evaluated) bool { return !e.NoCeiling },
		func(e Evaluated) string {
			if e.NoCeiling {
				return "–"
			}
			return percent(e.ShareOfCeiling)
		})
	column("correct", hasTrials, func(e Evaluated) string { return percent(e.Accuracy) })
	column("regret of a session", func(e Evaluated) bool { return e.Sessions > 0 },
		func(e Evaluated) string { return fmt.Sprintf("%.2f", e.Regret) })
	return t
}
