package cmd

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/lab"
	"engram/lab/export"
)

func newExport() *cobra.Command {
	var format, out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "export RUN --format NAME",
		Short: "Write a run for other tools: csv, tensorboard, safetensors, npz or onnx",
		Long: `Write a run in a format of other tools, and print the files' paths:

  csv          metrics.csv, evals.csv and timing.csv
  tensorboard  the same numbers as event files: 'tensorboard --logdir DIR'; it shows what later exports add
  safetensors  the newest checkpoint's weights, with the config in the metadata
  npz          the newest checkpoint's weights for numpy.load
  onnx         one step of the agent: observation and state to values and the next state (opset 17)

A run that is still training is exported as far as it has been written.`,
		Example: "  engram export runs/a --format csv\n  engram export runs/a --format safetensors --out weights",
		Args:    arguments("RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := lab.Open(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = filepath.Join(run.Dir, "export")
			}
			paths, err := export.Write(run, format, out)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), paths)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), strings.Join(plain.Texts(paths), "\n"))
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "", strings.Join(export.Formats(), ", "))
	writesFolder(c, &out, "out", "`directory` to write into (default RUN/export)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the paths as one JSON list")
	required(c, "format")
	return c
}
