package cmd

import (
	"github.com/spf13/cobra"

	"engram/lab"
)

func newDigest() *cobra.Command {
	c := &cobra.Command{
		Use:   "digest RUN",
		Short: "Print one SHA-256 of a run; runs with equal bits have equal digests",
		Long: `Print one SHA-256 over the weights, target network and optimiser moments of a run's newest checkpoint,
and over its metrics and evaluations. Two runs that are equal to the last bit print the same: for example one that was
interrupted and resumed, and one that was not. With --json each part has a digest, which shows where two runs differ.`,
		Example: "  engram digest runs/a\n  engram digest runs/a --json",
		Args:    arguments("RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := lab.Open(args[0])
			if err != nil {
				return err
			}
			d, err := run.Digest()
			if err != nil {
				return err
			}
			return answer(c, d, d.SHA256)
		},
	}
	addJSON(c, "print one JSON object, with a digest of each part")
	return c
}
