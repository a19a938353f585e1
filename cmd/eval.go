package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/record"
	"engram/lab/report"
)

func newEval() *cobra.Command {
	var dir string
	var trials int
	var seed uint64
	var checkpoint string
	c := &cobra.Command{
		Use:   "eval --run DIR",
		Short: "Evaluate a run's agent on fresh trials",
		Long: `Evaluate the agent of a run's newest checkpoint, or of another one, on freshly seeded trials. It acts
greedily, without exploration.`,
		Example: "  engram eval --run runs/a --trials 2000 --json\n  engram eval --run runs/a --checkpoint best",
		Args:    oneRun,
		RunE: func(c *cobra.Command, _ []string) error {
			run, err := lab.Open(dir)
			if err != nil {
				return err
			}
			if !c.Flags().Changed("trials") {
				if trials, err = run.FinalTrials(); err != nil {
					return err
				}
			}
			e, err := evaluate(c.Context(), run, checkpoint, trials, seed)
			if err != nil {
				return err
			}
			for _, line := range run.Notices {
				fmt.Fprintln(c.ErrOrStderr(), plain.Text(line))
			}
			correct := ""
			if e.Episodes == 0 {
				correct = fmt.Sprintf(", %.1f %% correct", 100*e.Accuracy)
			}
			return answer(c, e, fmt.Sprintf("%s: %s%s (seed %d)", e.Task, e.Text(), correct, e.Seed))
		},
	}
	c.Flags().StringVar(&dir, "run", "", "run `directory`")
	c.Flags().StringVar(&checkpoint, "checkpoint", "last",
		"whose agent: last, best (by the evaluations during training) or an update")
	c.Flags().IntVar(&trials, "trials", lab.FinalTrials, "trials to act for; of an environment without trials, episodes (then 100)")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of the trials")
	addJSON(c, "print one JSON line")
	required(c, "run")
	return c
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
func evaluate(ctx context.Context, run *lab.Run, checkpoint string, trials int, seed uint64) (drqn.Evaluation, error) {
	policy, update, err := record.Policy(run, checkpoint, nil)
	if err != nil {
		return drqn.Evaluation{}, err
	}
	e, err := policy.Evaluate(ctx, trials, seed)
	e.Update = update
	return e, err
}

func newReport() *cobra.Command {
	var dir, out string
	c := &cobra.Command{
		Use:     "report --run DIR",
		Short:   "Write a run's HTML report, one file that opens offline",
		Example: "  engram report --run runs/a --out a.html",
		Args:    oneRun,
		RunE: func(c *cobra.Command, _ []string) error {
			run, err := lab.Open(dir)
			if err != nil {
				return err
			}
			path, err := report.Write(c.Context(), run, out)
			if err != nil {
				return err
			}
			return answer(c, page{path}, path)
		},
	}
	c.Flags().StringVar(&dir, "run", "", "run `directory`")
	c.Flags().StringVar(&out, "out", "", "`file` to write (default DIR/report.html)")
	addJSON(c, "print the path as one JSON object")
	required(c, "run")
	return c
}
