package cmd

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/record"
)

// acting are the flags of commands that let a run's agent act.
type acting struct {
	checkpoint, options string
	trials              int
	seed                uint64
}

func (a *acting) addTo(c *cobra.Command) {
	c.Flags().StringVar(&a.checkpoint, "checkpoint", "last",
		"whose agent: last, best (by the evaluations during training) or an update")
	c.Flags().StringVar(&a.options, "task-options", "",
		"JSON `object` of task options over those of training")
	c.Flags().IntVar(&a.trials, "trials", 1000, "trials to act for")
	c.Flags().Uint64Var(&a.seed, "seed", 1, "seed of the trials")
}

// open opens a run and returns its agent, and prints the run's notices.
func (a *acting) open(c *cobra.Command, dir string) (*lab.Run, *drqn.Policy, int64, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return nil, nil, 0, err
	}
	goal, err := run.Config.Goal()
	if err != nil {
		return nil, nil, 0, err
	}
	if !goal.IsTask {
		return nil, nil, 0, fmt.Errorf("%s: %s has no trials with conditions and a ground truth, which this command "+
			"compares: use a run of a task that 'engram tasks' lists", dir, run.Config.Task)
	}
	var options json.RawMessage
	if c.Flags().Changed("task-options") {
		options = json.RawMessage(a.options)
	}
	policy, update, err := record.Policy(run, a.checkpoint, options)
	for _, line := range run.Notices {
		fmt.Fprintln(c.ErrOrStderr(), plain.Text(line))
	}
	return run, policy, update, err
}

func newRecord() *cobra.Command {
	var a acting
	var out, state string
	var asJSON bool
	c := &cobra.Command{
		Use:   "record RUN --out FILE.npz",
		Short: "Record what an agent sees, does and holds in memory, for NumPy",
		Long: `Let a run's agent act greedily on fresh trials and write each step into one file that numpy.load
reads: observation, action, reward, the values of the actions, activity h, the memory M, ground truth and period; and
for each trial its condition, by the names that the task gives its parameters. docs/recording.md has the arrays.

M is by far the largest part. --state none leaves it out, "every K" keeps the first step of each trial and each K-th
after it, and "pca N" its first N principal components. The size is printed before.`,
		Example: "  engram record runs/a --trials 1000 --out a.npz\n" +
			"  engram record runs/a --out a.npz --state \"pca 20\" --task-options '{\"timing\":{\"delay\":2000}}'",
		Args: arguments("RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			kept, err := record.ParseState(state)
			if err != nil {
				return err
			}
			run, policy, update, err := a.open(c, args[0])
			if err != nil {
				return err
			}
			o := record.Options{Trials: a.trials, Seed: a.seed, State: kept, Run: run.Dir, Update: update}
			fmt.Fprintf(c.ErrOrStderr(), "%d trials of at most %d steps: at most %.1f MB\n", o.Trials,
				policy.Spec().MaxTrialSteps, record.Size(policy, o)/1e6)
			about, err := record.Write(c.Context(), policy, out, o)
			if err != nil {
				return err
			}
			if asJSON {
				return printObject(c.OutOrStdout(), recorded{out, about})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %d trials of %s, %d steps\n", plain.Text(out), about.Trials,
				plain.Text(about.Task), about.Steps)
			return err
		},
	}
	a.addTo(c)
	writesFile(c, &out, "out", "`file` to write")
	c.Flags().StringVar(&state, "state", "all", `how much of M, or another cell's state: all, none, "every K", "pca N"`)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON line")
	required(c, "out")
	return c
}

// recorded is what record prints as JSON.
type recorded struct {
	File string `json:"file"`
	record.About
}
