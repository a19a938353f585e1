package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"engram/compare"
	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/record"
	"engram/lab/report"
	"engram/plots"
)

// evalOptions holds the flags of an evaluation.
type evalOptions struct {
	dir, checkpoint string
	task            []string // objects of task options, one an evaluation
	trials          int
	seed            uint64
}

func newEval() *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "eval --run DIR",
		Short: "Evaluate a run's agent on fresh trials",
		Long: `Evaluate the agent of a run's newest checkpoint, or of another one, on freshly seeded trials. It acts
greedily, without exploration.

--task-options evaluates it in another setting of its task, such as a longer delay than it was trained with: what the
object does not name stays as in training. Named several times, it gives a table.`,
		Example: `  engram eval --run runs/a --trials 2000 --json
  engram eval --run runs/a --checkpoint best
  engram eval --run runs/a --task-options '{"timing":{"delay":2000}}' --task-options '{"timing":{"delay":4000}}'`,
		Args: oneRun,
		RunE: func(c *cobra.Command, _ []string) error {
			run, err := lab.Open(o.dir)
			if err != nil {
				return err
			}
			if !c.Flags().Changed("trials") {
				if o.trials, err = run.FinalTrials(); err != nil {
					return err
				}
			}
			all, err := o.evaluate(c.Context(), run)
			if err != nil {
				return err
			}
			for _, line := range run.Notices {
				fmt.Fprintln(c.ErrOrStderr(), plain.Text(line))
			}
			return printEvaluations(c, all)
		},
	}
	c.Flags().StringVar(&o.dir, "run", "", "run `directory`")
	c.Flags().StringVar(&o.checkpoint, "checkpoint", "last",
		"whose agent: last, best (by the evaluations during training) or an update")
	c.Flags().StringArrayVar(&o.task, "task-options", nil,
		"`JSON` object of task options over those of training; may be repeated")
	c.Flags().IntVar(&o.trials, "trials", lab.FinalTrials,
		"trials to act for; of an environment without trials, episodes (then 100)")
	c.Flags().Uint64Var(&o.seed, "seed", 1, "seed of the trials")
	addJSON(c, "print one JSON line; a list where --task-options is repeated")
	required(c, "run")
	return c
}

// evaluated is an evaluation with the task options that were laid over those of training.
type evaluated struct {
	TaskOptions json.RawMessage `json:"task_options,omitempty"`
	drqn.Evaluation
	// Regrets are those of the agent and of the policies that learn within a session, where trials belong together.
	Regrets []lab.PolicyRegret `json:"regrets,omitempty"`
}

// evaluate evaluates the run's agent with each of the task options, or as it was trained where there are none. Options
// that do not fit are refused before anything is evaluated.
func (o evalOptions) evaluate(ctx context.Context, run *lab.Run) ([]evaluated, error) {
	if len(o.task) == 0 {
		e, err := evaluate(ctx, run, o.checkpoint, o.trials, o.seed)
		return []evaluated{e}, err
	}
	var settings []*lab.Run
	for _, text := range o.task {
		other, err := run.WithOptions(json.RawMessage(text))
		if err != nil {
			return nil, err
		}
		settings = append(settings, other)
	}
	var all []evaluated
	for i, other := range settings {
		e, err := evaluate(ctx, other, o.checkpoint, o.trials, o.seed)
		if err != nil {
			return nil, err
		}
		e.TaskOptions = json.RawMessage(o.task[i])
		all = append(all, e)
	}
	run.Notices = settings[0].Notices // the same of all: one checkpoint is read
	return all, nil
}

// printEvaluations prints one evaluation as a line and several as a table, or as JSON.
func printEvaluations(c *cobra.Command, all []evaluated) error {
	switch {
	case len(all) == 1:
		return answer(c, all[0], all[0].line())
	case wantsJSON(c):
		type formatted struct {
			Format int `json:"format"`
			evaluated
		}
		var list []formatted
		for _, e := range all {
			list = append(list, formatted{jsonFormat, e})
		}
		return printJSON(c.OutOrStdout(), list)
	}
	table := &plots.Table{Header: []string{"task options", "a trial", "of the ceiling", "correct"}}
	for _, e := range all {
		table.Rows = append(table.Rows, []string{string(e.TaskOptions), fmt.Sprintf("%.3f", e.RewardPerTrial),
			fmt.Sprintf("%.1f %%", 100*e.ShareOfCeiling), fmt.Sprintf("%.1f %%", 100*e.Accuracy)})
	}
	if slices.ContainsFunc(all, func(e evaluated) bool { return e.Sessions > 0 }) {
		table.Header = append(table.Header, "regret of a session")
		for i, e := range all {
			table.Rows[i] = append(table.Rows[i], fmt.Sprintf("%.2f", e.Regret))
		}
	}
	return printTable(c.OutOrStdout(), table)
}

// line returns one evaluation as a line of text.
func (e evaluated) line() string {
	with, correct := "", ""
	if e.TaskOptions != nil {
		with = " with " + string(e.TaskOptions)
	}
	if e.Episodes == 0 {
		correct = fmt.Sprintf(", %.1f %% correct", 100*e.Accuracy)
	}
	return fmt.Sprintf("%s%s: %s%s (seed %d)%s", e.Task, with, e.Text(), correct, e.Seed, e.regretText())
}

// regretText returns the regrets of a session in words, or nothing where there are none.
func (e evaluated) regretText() string {
	var each []string
	for _, r := range e.Regrets {
		each = append(each, fmt.Sprintf("%s %.2f", r.Policy, r.Mean))
	}
	if each == nil {
		return ""
	}
	return fmt.Sprintf("; regret of a session of %d trials: %s", len(e.Regrets[0].Curve), strings.Join(each, ", "))
}

// oneRun takes no arguments, because the run is named by --run.
func oneRun(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("%s takes one run, as --run DIR, and not also %q: call it once for each run",
		c.CommandPath(), args)}
}

// evaluate runs the agent of a checkpoint on fresh trials.
func evaluate(ctx context.Context, run *lab.Run, checkpoint string, trials int, seed uint64) (e evaluated, err error) {
	policy, update, err := record.Policy(run, checkpoint, nil)
	if err != nil {
		return e, err
	}
	if e.Evaluation, err = policy.Evaluate(ctx, trials, seed); err == nil && e.Sessions > 0 {
		e.Regrets, err = lab.Regrets(ctx, policy, e.Sessions, seed)
	}
	e.Update = update
	return e, err
}

func newReport() *cobra.Command {
	var dir, out string
	c := &cobra.Command{
		Use:   "report RUN...",
		Short: "Write the HTML report of a run, or one that compares several; a file that opens offline",
		Long: `Write the HTML report of a run, one file that opens offline. Of several runs, or of directories of runs,
suites and studies, write one page with all learning curves in one picture: runs that differ only in their seed are
one curve with a band, a suite has a curve for each task and agent, a study that of its best trial. Runs may still
train.`,
		Example: `  engram report runs/a
  engram report --run runs/a --out a.html
  engram report runs/a runs/b --out both.html`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case dir == "" && len(args) == 0:
				return usageError{fmt.Errorf("%s needs RUN or --run: see '%[1]s --help'", c.CommandPath())}
			case dir != "" && len(args) > 0:
				return usageError{fmt.Errorf("%s takes one run, as --run DIR, or several without --run: '%[1]s A B' "+
					"compares them", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, dirs []string) error {
			var path string
			var err error
			if len(dirs) > 1 {
				path, err = compareRuns(dirs, out)
			} else {
				path, err = reportRun(c.Context(), cmp.Or(dir, strings.Join(dirs, "")), out)
			}
			if err != nil {
				return err
			}
			return answer(c, page{path}, path)
		},
	}
	c.Flags().StringVar(&dir, "run", "", "run `directory`")
	c.Flags().StringVar(&out, "out", "", "`file` to write (default RUN/report.html, of several runs "+comparedPage+")")
	addJSON(c, "print the path as one JSON object")
	return c
}

// reportRun writes the report of one run and returns its path.
func reportRun(ctx context.Context, dir, out string) (string, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return "", err
	}
	return report.Write(ctx, run, out)
}

// comparedPage is the name of the page that compares runs, in the current directory.
const comparedPage = "compare.html"

// compareRuns writes a page that compares runs and returns its path.
func compareRuns(dirs []string, out string) (string, error) {
	curves, err := compare.Read(dirs...)
	if err != nil {
		return "", err
	}
	path := cmp.Or(out, comparedPage)
	return path, compare.Page(curves).Save(path)
}
