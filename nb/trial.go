package nb

import (
	"context"
	"fmt"
	"slices"

	"engram/drqn"
	"engram/lab"
	"engram/lab/report"
	"engram/plots"
	"engram/plots/notebook"
	"engram/tasks"
)

// Trial draws trials of a run's agent, greedy on fresh trials, by their numbers from 0 (none: trial 0): what it saw and
// did, and the value of each action.
func Trial(dir string, numbers ...int) {
	Cell(func() error {
		run, chosen, err := trials(dir, numbers)
		if err != nil {
			return err
		}
		env, err := tasks.New(run.Config.Task, run.Config.TaskOptions)
		if err != nil {
			return err
		}
		for i, t := range chosen {
			chart := report.AgentTrial(env.Spec(), t)
			chart.Title = fmt.Sprintf("Trial %d: %s", at(numbers, i), chart.Title)
			notebook.Show(chart)
		}
		return nil
	})
}

// Memory draws the synaptic memory M after each step of the trials that Trial draws, with a slider over the steps, and
// returns it: [trials][steps][H][I].
func Memory(dir string, numbers ...int) (all [][][][]float64) {
	Cell(func() error {
		run, chosen, err := trials(dir, numbers)
		if err != nil {
			return err
		}
		if run.Config.Cell != "mpn" {
			return fmt.Errorf("run %s has cell %s, which has no M: use a run of cell mpn", dir, run.Config.Cell)
		}
		for i, t := range chosen {
			chart := report.MemoryChart(run.Config, t.States)
			chart.Title = fmt.Sprintf("Trial %d: %s", at(numbers, i), chart.Title)
			notebook.Show(chart)
			all = append(all, chart.Matrices)
		}
		return nil
	})
	return all
}

// Explore lets a run's agent act in one trial with each value in place of the plasticity rate eta or the decay lambda
// that it learned, and draws what becomes of its values and of M; a slider chooses the value (see report.Explore).
//
//	nb.Explore("runs/a", "lambda", 0.5, 0.8, 0.95)
func Explore(dir, parameter string, values ...float64) {
	Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		run, err := lab.Open(dir)
		if err != nil {
			return err
		}
		chart, err := report.Explore(ctx, run, parameter, values, Seed)
		if err != nil {
			return err
		}
		notebook.Show(chart)
		return nil
	})
}

// at returns number i, or 0 where there are none.
func at(numbers []int, i int) int {
	if len(numbers) == 0 {
		return 0
	}
	return numbers[i]
}

// mostTrial bounds the number of a trial that is drawn.
const mostTrial = 10_000

// trials returns trials of a run's agent by their numbers.
func trials(dir string, numbers []int) (run *lab.Run, chosen []drqn.TrialTrace, err error) {
	if len(numbers) == 0 {
		numbers = []int{0}
	}
	for _, n := range numbers {
		if n < 0 || n > mostTrial {
			return nil, nil, fmt.Errorf("invalid trial %d: use 0 to %d", n, mostTrial)
		}
	}
	ctx, stop := notebook.Interruptible()
	defer stop()
	run, traces, err := rollout(ctx, dir, slices.Max(numbers)+1)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range numbers {
		chosen = append(chosen, traces[n])
	}
	return run, chosen, nil
}

// rollout returns whole trials of a run's agent.
func rollout(ctx context.Context, dir string, n int) (*lab.Run, []drqn.TrialTrace, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	policy, _, err := run.Policy()
	if err != nil {
		return nil, nil, err
	}
	traces, err := policy.Rollout(ctx, n, Seed)
	return run, traces, err
}

// Rollout lets a run's agent act greedily for n whole trials, shows a table with a row for each, and returns every step
// of them.
func Rollout(dir string, n int) (traces []drqn.TrialTrace) {
	Cell(func() (err error) {
		ctx, stop := notebook.Interruptible()
		defer stop()
		var run *lab.Run
		if run, traces, err = rollout(ctx, dir, n); err != nil {
			return err
		}
		env, err := tasks.New(run.Config.Task, run.Config.TaskOptions)
		if err != nil {
			return err
		}
		notebook.ShowTable(rolloutTable(env.Spec(), traces))
		return nil
	})
	return traces
}

// mostRows bounds the rows of the table of a rollout.
const mostRows = 200

// rolloutTable lists trials: steps, right answer, answer, reward.
func rolloutTable(spec tasks.Spec, traces []drqn.TrialTrace) *plots.Table {
	t := &plots.Table{Header: []string{"trial", "steps", "right answer", "answer", "right", "reward"}}
	for i, trace := range traces[:min(len(traces), mostRows)] {
		last, reward := len(trace.Actions)-1, 0.0
		for _, r := range trace.Rewards {
			reward += float64(r)
		}
		t.Addf("%d\t%d\t%s\t%s\t%t\t%.3g", i, last+1, actionName(spec, trace.GroundTruth[last]),
			actionName(spec, trace.Actions[last]), trace.Correct, reward)
	}
	return t
}

// actionName returns the name of an action, or its number where the task gives it none.
func actionName(spec tasks.Spec, action int) string {
	if action >= 0 && action < len(spec.Actions) {
		return spec.Actions[action]
	}
	return fmt.Sprint(action)
}
