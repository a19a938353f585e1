package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
	"engram/plots"
)

// trainOptions are the flags of training that are no hyperparameters.
type trainOptions struct {
	dir, backend string
	json, quiet  bool
	noReport     bool
}

func newTrain() *cobra.Command {
	var h hyperparameters
	var o trainOptions
	c := &cobra.Command{
		Use:   "train --task NAME --run DIR",
		Short: "Train an agent into a new run directory",
		Long: `Train an agent into a new run directory, evaluate it on 2,000 fresh trials and write its report.

A preset gives the hyperparameters; --config and single flags change them. The same hyperparameters and seed
give the same numbers on the same backend and machine.`,
		Example: `  engram train --task GoNogo --run runs/a
  engram train --task DelayMatchSample --run runs/b --hidden 128 --learning-rate 5e-4 --seed 3
  engram train --task GoNogo --run runs/c --preset classic
  engram train --run runs/d --config runs/a/config.json --seed 4`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := h.config()
			if err != nil {
				return err
			}
			_, err = trainAndReport(c, config, o)
			return err
		},
	}
	c.Flags().StringVar(&o.dir, "run", "", "run `directory` to make")
	addBackendFlag(c, &o.backend)
	c.Flags().BoolVar(&o.json, "json", false, "print the final evaluation as one JSON line")
	c.Flags().BoolVar(&o.quiet, "quiet", false, "show no progress")
	c.Flags().BoolVar(&o.noReport, "no-report", false, "write no report: 'engram report' can do it later")
	h.addTo(c)
	required(c, "run")
	return c
}

func addBackendFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "backend", "", "where to compute: auto, xla:cpu, xla:cuda or go (default: the variable "+backend.Environment+", else auto)")
}

// trainAndReport trains, writes the report and prints the table of results.
func trainAndReport(c *cobra.Command, config drqn.Config, o trainOptions) (*lab.Run, error) {
	if err := lab.CheckNew(o.dir); err != nil {
		return nil, err
	}
	b, choice, err := backend.Open(o.backend)
	if err != nil {
		return nil, err
	}
	run, err := trainWithProgress(c.Context(), config, o, func(w drqn.Observer) (*lab.Run, error) {
		return lab.Train(c.Context(), o.dir, config, b, choice.Name, w)
	}, choice)
	if err != nil {
		return run, err
	}
	path := "none; 'engram report --run " + run.Dir + "' writes it"
	if !o.noReport {
		if path, err = run.Report(c.Context(), ""); err != nil {
			return run, err
		}
	}
	if o.json {
		return run, printJSON(c.OutOrStdout(), run.About.Result)
	}
	return run, printResults(c.OutOrStdout(), run, path)
}

func trainWithProgress(ctx context.Context, config drqn.Config, o trainOptions, train func(drqn.Observer) (*lab.Run, error), choice backend.Choice) (*lab.Run, error) {
	if o.quiet || o.json {
		return train(nil)
	}
	fmt.Fprintf(os.Stderr, "%s: %s on %s\n", o.dir, config.Task, choice)
	p := newProgress(os.Stderr, config)
	defer p.done()
	run, err := train(p)
	if err != nil && ctx.Err() != nil {
		return run, fmt.Errorf("interrupted: what was learned is in %s: %w", o.dir, ctx.Err())
	}
	return run, err
}

// printResults prints what the agent and the reference policies earn, and where the report is.
func printResults(w io.Writer, run *lab.Run, report string) error {
	reference, err := lab.Reference(run.Config)
	if err != nil {
		return err
	}
	if err := printTable(w, run.Results(reference)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "report: %s\n", report)
	return err
}

func printTable(w io.Writer, t *plots.Table) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, strings.Join(t.Header, "\t"))
	for _, row := range t.Rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}
