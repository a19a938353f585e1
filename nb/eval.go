package nb

import (
	"fmt"

	"engram/compare"
	"engram/drqn"
	"engram/lab"
	"engram/plots/notebook"
)

// Seed is the seed of the trials that the calls of this package draw. The agent was neither trained nor evaluated with
// it.
const Seed = 1

// Eval evaluates the agent of a run, greedily and on as many fresh trials or episodes as at the end of its training: in
// its task as it was trained, or once with each JSON object of task options, which is laid over those of training. It
// prints a line, or shows a table of several, as 'engram eval' does, and returns the evaluations.
//
//	nb.Eval("runs/a", `{"timing": {"delay": 2000}}`, `{"timing": {"delay": 4000}}`)
func Eval(dir string, options ...string) (all []drqn.Evaluation) {
	Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		run, err := lab.Open(dir)
		if err != nil {
			return err
		}
		trials, err := run.FinalTrials()
		if err != nil {
			return err
		}
		evaluated, err := compare.EvaluateWith(ctx, run, "last", options, trials, Seed)
		if err != nil {
			return err
		}
		for _, e := range evaluated {
			all = append(all, e.Evaluation)
		}
		if len(all) == 1 {
			fmt.Println(evaluated[0])
		} else {
			notebook.ShowTable(compare.EvaluatedTable(evaluated))
		}
		return nil
	})
	return all
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
