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

// addTo adds the flags, with the help of the one of the number of trials.
func (a *acting) addTo(c *cobra.Command, trials string) {
	c.Flags().StringVar(&a.checkpoint, "checkpoint", "last",
		"whose agent: last, best (by the evaluations during training) or an update")
	c.Flags().StringVar(&a.options, "task-options", "",
		"JSON `object` of task options over those of training")
	c.Flags().IntVar(&a.trials, "trials", 1000, trials)
	c.Flags().Uint64Var(&a.seed, "seed", 1, "seed of the trials")
}

// open opens a run and returns its agent, and prints the run's notices.
func (a *acting) open(c *cobra.Command, dir string) (*lab.Run, *drqn.Policy, int64, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return nil, nil, 0, err
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

Environments of Python, such as gymnasium:CartPole-v1, are recorded by episode where they have no trials. A condition is
then what NeuroGym calls the trial, or what the environment says in the info of its reset.

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
			if err := record.Check(policy, out, o); err != nil {
				return err
			}
			fmt.Fprintln(c.ErrOrStderr(), sizeOf(policy, o))
			about, err := record.Write(c.Context(), policy, out, o)
			if err != nil {
				return err
			}
			if asJSON {
				return printObject(c.OutOrStdout(), recorded{File: out, About: about})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %d %ss of %s, %d steps\n", plain.Text(out), about.Trials,
				about.Unit, plain.Text(about.Task), about.Steps)
			return err
		},
	}
	a.addTo(c, "trials to act for, or episodes of an environment without trials")
	writesFile(c, &out, "out", "`file` to write")
	c.Flags().StringVar(&state, "state", "all", `how much of M, or another cell's state: all, none, "every K", "pca N"`)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON line")
	required(c, "out")
	return c
}

// sizeOf tells how large a recording becomes. The longest trial of an environment that is no task is its word.
func sizeOf(p *drqn.Policy, o record.Options) string {
	goal, size, longest := p.Goal(), record.Size(p, o)/1e6, p.Spec().MaxTrialSteps
	switch {
	case goal.IsTask:
		return fmt.Sprintf("%d trials of at most %d steps: at most %.1f MB", o.Trials, longest, size)
	case longest > 0:
		return fmt.Sprintf("%d %ss: %.1f MB if each has %d steps", o.Trials, goal.Unit(), size, longest)
	}
	return fmt.Sprintf("%d %ss: %.1f MB if each has 100 steps", o.Trials, goal.Unit(), 100*size)
}

// recorded is what record prints as JSON.
type recorded struct {
	File string `json:"file"`
	record.About
	Format int `json:"format,omitempty"` // hides About's: the object printed has its own
}
