package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"engram/analysis/report"
	"engram/internal/plain"
)

func newAnalyse() *cobra.Command {
	var a acting
	var condition, out string
	var asJSON, overTraining bool
	c := &cobra.Command{
		Use:   "analyse RUN",
		Short: "Show what an agent's memory holds, on one page that opens offline",
		Long: `Let a run's agent act greedily on fresh trials and write a page about what its activity h and its
memory M hold: dimensions of their variance, trajectories by condition, decoding of the condition after each
step and the cross-temporal matrix, what it would answer if asked now, accuracy after a wipe at each step and
without each unit, and the fixed points under each of the task's constant inputs (of an MPN, all, exactly).
docs/analysis.md has the definitions.`,
		Example: "  engram analyse runs/a\n  engram analyse runs/a --condition sample_theta --out a.html --json",
		Args:    arguments("RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			run, policy, update, err := a.open(c, args[0])
			if err != nil {
				return err
			}
			if overTraining {
				over, err := report.OverTraining(c.Context(), run, report.Options{Trials: a.trials, Seed: a.seed,
					Condition: condition})
				if err == nil && out != "" {
					err = report.TrainedPage(run.Dir, over).Save(out)
				}
				switch {
				case err != nil:
					return err
				case asJSON:
					return printObject(c.OutOrStdout(), struct {
						File        string           `json:"file,omitempty"`
						Run         string           `json:"run"`
						Checkpoints []report.Trained `json:"checkpoints"`
					}{out, run.Dir, over})
				}
				return printTable(c.OutOrStdout(), report.TrainedTable(over))
			}
			o := report.Options{Trials: a.trials, Seed: a.seed, Condition: condition, Run: run.Dir, Update: update}
			analysis, path, err := report.Write(c.Context(), run, policy, out, o)
			if err != nil {
				return err
			}
			if asJSON {
				return printObject(c.OutOrStdout(), struct {
					File string `json:"file"`
					*report.Analysis
				}{path, analysis})
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), plain.Text(path))
			return err
		},
	}
	a.addTo(c, "trials to act for")
	c.Flags().StringVar(&condition, "condition", "",
		"parameter of the trials to decode, by its `name`, such as ground_truth (the default where it varies)")
	writesFile(c, &out, "out", "`file` to write (default RUN/analysis.html; none with --over-training)")
	c.Flags().BoolVar(&overTraining, "over-training", false,
		"print instead the dimensions of h and M at each checkpoint (engram train --keep-checkpoints); with --out, a "+
			"page with the trajectories, too")
	c.MarkFlagsMutuallyExclusive("over-training", "checkpoint")
	c.MarkFlagsMutuallyExclusive("over-training", "task-options")
	c.Flags().BoolVar(&asJSON, "json", false, "print the numbers as one JSON line")
	return c
}
