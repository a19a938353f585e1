package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/suite/holds"
)

func newSuiteHolds() *cobra.Command {
	var form tableForm
	var trials int
	var evidence bool
	c := &cobra.Command{
		Use:         "holds DIR",
		Annotations: goesOn,
		Short:       "Tell over a suite's runs what each agent keeps in mind, and where",
		Long: `Analyse the finished runs of a suite that have weights and were not analysed yet, and print a line for
each task and agent: medians over the seeds, with the least and the greatest in brackets. The results stand in
holds.jsonl in the suite's directory, so that the command can be stopped at any time and the same command resumes it.

For each task one condition must be kept in mind over one period, such as the sample's direction in the delay. The
table has the participation ratios (PR) of h and of M, how often the condition is decoded after the period's last step
from h, from M, from both, and from M before training; the units that are latches under what the period shows, and
their number before training; how far h is from rest; and right answers after M was wiped when the period, or the cue,
began. With --evidence, for tasks whose observations are summed up: docs/what-memory-holds.md explains both tables.`,
		Example: "  engram suite holds runs/all\n  engram suite holds results/integration --evidence --md",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			lines, err := holds.Fill(c.Context(), args[0], trials, func(line string) {
				fmt.Fprintln(c.ErrOrStderr(), plain.Text(line))
			})
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				return fmt.Errorf("suite %s has no finished run that has weights or was analysed: train it with "+
					"'engram suite run'", args[0])
			}
			table := holds.Table(lines)
			if evidence {
				table = holds.EvidenceTable(lines)
			}
			return form.print(c.OutOrStdout(), table, lines)
		},
	}
	form.addFlags(c)
	c.Flags().IntVar(&trials, "trials", 500, "trials to act for in each run")
	c.Flags().BoolVar(&evidence, "evidence", false, "print how h relates to evidence that is summed up")
	return c
}
