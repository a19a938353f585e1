package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/backend"
	"engram/lab/suite"
	"engram/plots"
)

func newSuite() *cobra.Command {
	c := &cobra.Command{
		Use:   "suite",
		Short: "Train several agents on many tasks and seeds, and compare them",
		Long: `A suite trains every agent on every task over the same seeds, each run in a process and a run directory of its
own. It can be stopped at any time: called again it trains what is missing. Agents differ in their cell (--cells), or in
anything: a plan in JSON names them, with the hyperparameters that each changes and a word on why (--plan); suite.json
in the directory of a suite is such a plan.`,
		Example: `  engram suite run --tasks all --cells mpn,gru --seeds 10 --out runs/compare
  engram suite run --plan results/why/suite.json --out runs/why
  engram suite table runs/compare --md
  engram suite report runs/compare`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSuiteRun(), newSuiteTable(), newSuiteReport(), newSuiteArchive())
	return c
}

func newSuiteRun() *cobra.Command {
	var p suite.Plan
	var o suite.Options
	var out, plan string
	var set, cells []string
	c := &cobra.Command{
		Use:   "run --tasks LIST --out DIR",
		Short: "Train what is missing of a suite",
		Example: `  engram suite run --tasks all --seeds 10 --out runs/all
  engram suite run --tasks GoNogo,ReadySetGo --cells mpn,frozen --set hidden=32 --set gamma=0.95 --out runs/small`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if plan != "" {
				p, err = suite.LoadPlan(plan)
			} else if p.Set, err = assignments(set); err == nil {
				p.Agents = suite.Cells(cells...)
				p, err = p.Expand()
			}
			if err != nil {
				return err
			}
			if o.Workers < 1 {
				return fmt.Errorf("workers %d is impossible: choose 1 or more", o.Workers)
			}
			_, choice, err := backend.Open(o.Backend) // fails now rather than in every run
			if err != nil {
				return err
			}
			o.Backend = choice.Name
			if o.Executable, err = os.Executable(); err != nil {
				return err
			}
			if err := suite.Create(out, p); err != nil {
				return err
			}
			return runSuite(c.Context(), c.ErrOrStderr(), out, p, o)
		},
	}
	c.Flags().StringSliceVar(&p.Tasks, "tasks", []string{"all"}, "tasks, or all")
	c.Flags().StringSliceVar(&cells, "cells", []string{"mpn"}, "recurrent cells, an agent each")
	c.Flags().IntVar(&p.Seeds, "seeds", 10, "seeds, from 0")
	c.Flags().StringVar(&p.Preset, "preset", "default", "hyperparameters to begin with")
	c.Flags().StringArrayVar(&set, "set", nil, "a hyperparameter as `name=value`; may be repeated ('engram train --help' lists them)")
	c.Flags().StringVar(&plan, "plan", "", "a plan in JSON (`file`), in the place of tasks, cells, seeds, preset and set")
	for _, name := range []string{"tasks", "cells", "seeds", "preset", "set"} {
		c.MarkFlagsMutuallyExclusive("plan", name)
	}
	c.Flags().IntVar(&o.Workers, "workers", runtime.NumCPU(), "runs at a time, each on one core")
	c.Flags().StringVar(&out, "out", "", "suite `directory`, made or gone on with")
	addBackendFlag(c, &o.Backend)
	required(c, "out")
	return c
}

// assignments reads name=value.
func assignments(texts []string) (map[string]string, error) {
	set := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return nil, usageError{fmt.Errorf("--set %q is not name=value", text)}
		}
		set[strings.ReplaceAll(strings.TrimSpace(name), "-", "_")] = value
	}
	return set, nil
}

func runSuite(ctx context.Context, w io.Writer, dir string, p suite.Plan, o suite.Options) error {
	trials, err := p.Trials()
	if err != nil {
		return err
	}
	watch := &suiteProgress{out: w, all: len(trials), began: time.Now()}
	o.Watch = watch.event
	o.Notice = func(line string) { fmt.Fprintln(os.Stderr, line) }
	failed, err := suite.Run(ctx, dir, o)
	switch {
	case err != nil:
		return fmt.Errorf("stopped: the same command goes on: %w", err)
	case failed > 0:
		return fmt.Errorf("%d of %d runs failed: the same command tries them again", failed, len(trials))
	}
	fmt.Fprintf(w, "%d runs are there: 'engram suite table %s' sums them up\n", len(trials), dir)
	return nil
}

// suiteProgress prints a line for each run that is done.
type suiteProgress struct {
	out               io.Writer
	all, done, before int
	began             time.Time
}

func (s *suiteProgress) event(e suite.Event) {
	switch {
	case e.Skipped:
		s.done++
		s.before++
		return
	case !e.Done:
		return
	}
	s.done++
	left := "?"
	if trained := s.done - s.before; trained > 0 {
		left = (time.Since(s.began) / time.Duration(trained) * time.Duration(s.all-s.done)).Round(time.Second).String()
	}
	if e.Err != nil {
		fmt.Fprintf(s.out, "%d of %d  FAILED %v\n", s.done, s.all, e.Err)
		return
	}
	about := e.Run.About
	fmt.Fprintf(s.out, "%d of %d  %-44s %6.1f %% of the ceiling  %4.0f s  about %s left\n", s.done, s.all, e.Trial, 100*about.Result.ShareOfCeiling, about.Seconds, left)
}

func newSuiteTable() *cobra.Command {
	var asJSON, asCSV, asMarkdown, byAgent bool
	c := &cobra.Command{
		Use:   "table DIR",
		Short: "Sum up a suite: interquartile means with intervals, seeds that learned, how fast",
		Long: `For each task and agent: the interquartile mean (IQM) of the share of the ceiling over the seeds, with a 95 %
bootstrap interval; the seeds that ended at 95 % or more; and the medians of the updates, environment steps and
minutes after which an evaluation first reached 95 %. With --by-agent: a line for each agent, with what it changes, the
IQM and the seeds at 95 % on each task, and why.`,
		Example: "  engram suite table runs/all\n  engram suite table runs/all --md > table.md",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			p, rows, err := suiteRows(args[0])
			if err != nil {
				return err
			}
			table := suite.Text(rows)
			if byAgent {
				table = suite.ByAgent(p, rows)
			}
			switch {
			case asJSON:
				return printJSON(c.OutOrStdout(), rows)
			case asCSV:
				return csvTable(c.OutOrStdout(), table)
			case asMarkdown:
				_, err := fmt.Fprint(c.OutOrStdout(), suite.Markdown(table))
				return err
			}
			return printTable(c.OutOrStdout(), table)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list")
	c.Flags().BoolVar(&asCSV, "csv", false, "print CSV")
	c.Flags().BoolVar(&asMarkdown, "md", false, "print Markdown")
	c.Flags().BoolVar(&byAgent, "by-agent", false, "a line for each agent instead")
	c.MarkFlagsMutuallyExclusive("json", "csv", "md")
	c.MarkFlagsMutuallyExclusive("json", "by-agent")
	return c
}

func suiteRows(dir string) (suite.Plan, []suite.Row, error) {
	p, results, err := suite.Results(dir)
	if err != nil {
		return p, nil, err
	}
	rows, err := suite.Table(p, results)
	return p, rows, err
}

func csvTable(w io.Writer, t *plots.Table) error {
	out := csv.NewWriter(w)
	err := errors.Join(out.Write(t.Header), out.WriteAll(t.Rows))
	out.Flush()
	return errors.Join(err, out.Error())
}

func newSuiteReport() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Write a suite's HTML report: learning curves over seeds, performance profiles, tables",
		Args:  arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := suite.Report(args[0], out)
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), path)
			}
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "", "`file` to write (default DIR/report.html)")
	return c
}

func newSuiteArchive() *cobra.Command {
	return &cobra.Command{
		Use:   "archive DIR TO",
		Short: "Copy what tables are made of, without weights: small enough to commit",
		Args:  arguments("DIR", "TO"),
		RunE: func(_ *cobra.Command, args []string) error {
			return suite.Archive(args[0], args[1])
		},
	}
}
