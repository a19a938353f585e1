package nb

import (
	"context"
	"encoding/json"
	"fmt"

	"engram/compare"
	"engram/drqn"
	"engram/lab"
	"engram/plots"
	"engram/plots/notebook"
)

// Seed is the seed of the trials that the calls of this package draw. The agent was neither trained nor evaluated with
// it.
const Seed = 1

// Eval evaluates the agent of a run, greedily and over lab.FinalTrials fresh trials: in its task as it was trained, or
// once with each JSON object of task options, which is laid over those of training. It prints a line, or shows a table
// of several, and returns the evaluations.
//
//	nb.Eval("runs/a", `{"timing": {"delay": 2000}}`, `{"timing": {"delay": 4000}}`)
func Eval(dir string, options ...string) (all []drqn.Evaluation) {
	Cell(func() (err error) {
		ctx, stop := notebook.Interruptible()
		defer stop()
		if all, err = evaluations(ctx, dir, options, lab.FinalTrials); err != nil {
			return err
		}
		if len(all) == 1 {
			e := all[0]
			fmt.Printf("%s: %.3f a trial over %d trials, %.1f %% of the ceiling, %.1f %% right\n", e.Task,
				e.RewardPerTrial, e.Trials, 100*e.ShareOfCeiling, 100*e.Accuracy)
			return nil
		}
		t := &plots.Table{Header: []string{"task options", "a trial", "of the ceiling", "right"}}
		for i, e := range all {
			t.Addf("%s\t%.3f\t%.1f %%\t%.1f %%", options[i], e.RewardPerTrial, 100*e.ShareOfCeiling, 100*e.Accuracy)
		}
		notebook.ShowTable(t)
		return nil
	})
	return all
}

// evaluations evaluates the agent of a run with each of the task options, or as it was trained where there are none.
func evaluations(ctx context.Context, dir string, options []string, trials int) ([]drqn.Evaluation, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return nil, err
	}
	settings := []*lab.Run{run}
	if len(options) > 0 {
		settings = nil
	}
	for _, text := range options {
		other, err := run.WithOptions(json.RawMessage(text))
		if err != nil {
			return nil, err
		}
		settings = append(settings, other)
	}
	var all []drqn.Evaluation
	for _, other := range settings {
		e, err := other.Evaluate(ctx, trials, Seed)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// EvalOver evaluates the agents of runs over the values of a task option, such as timing.delay, and shows their
// performance as curves with 95 % intervals, and as a table. A directory may hold the runs of several seeds: these are
// one curve (see compare.Evaluate).
func EvalOver(option string, values []float64, dirs ...string) (all []compare.Over) {
	Cell(func() (err error) {
		if len(dirs) == 0 {
			return fmt.Errorf("nothing to evaluate: name the directory of a run, nb.EvalOver(%q, values, \"runs/a\")",
				option)
		}
		ctx, stop := notebook.Interruptible()
		defer stop()
		if all, err = compare.Evaluate(ctx, option, values, lab.FinalTrials, Seed, dirs...); err != nil {
			return err
		}
		notebook.Show(compare.OverChart(all))
		notebook.ShowTable(compare.OverTable(all))
		if notice := compare.OverNotice(all); notice != "" {
			fmt.Println(notice)
		}
		return nil
	})
	return all
}
