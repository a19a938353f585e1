package cmd

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
	"engram/internal/plain"
	"engram/plots"
	"engram/suite"
	"engram/suite/memlen"
	suitereport "engram/suite/report"
)

func newSuite() *cobra.Command {
	c := &cobra.Command{
		Use:   "suite",
		Short: "Train several agents on many tasks and seeds, and compare them",
		Long: `Train every agent on every task over the same seeds, each run in a process and a run directory of its
own. A suite can be stopped at any time; the same command then trains what is missing. Agents differ in their cell
(--cells), or in any hyperparameter: a plan in JSON (--plan) lists them, each with the hyperparameters that it changes
and the reason. suite.json in the directory of a suite is such a plan.`,
		Example: `  engram suite run --tasks all --cells mpn,gru --seeds 10 --out runs/compare
  engram suite run --tasks GoNogo --cells mpn,gru --match-parameters --seeds 10 --out runs/same-size
  engram suite run --plan results/why/suite.json --out runs/why
  engram suite table runs/compare --md
  engram suite report runs/compare`,
		Args: onlyCommands,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSuiteRun(), newSuiteTable(), newSuiteMemory(), newSuiteHolds(), newSuiteReport(), newSuiteArchive())
	return c
}

func newSuiteRun() *cobra.Command {
	var p suite.Plan
	var o suite.Options
	var out, plan string
	var asJSON bool
	var set, cells []string
	c := &cobra.Command{
		Use:         "run --tasks LIST --out DIR",
		Annotations: goesOn,
		Short:       "Train the runs of a suite that are missing",
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
			const most = 4096 // more are a slip
			if o.Workers < 1 || o.Workers > most {
				return fmt.Errorf("invalid workers %d: use 1 to %d", o.Workers, most)
			}
			_, choice, err := backend.Open(o.Backend) // fails now rather than in every run
			if err != nil {
				return err
			}
			o.Backend = choice.Name
			if o.Executable, err = os.Executable(); err != nil {
				return err
			}
			notice, err := p.SizeNotice()
			if err == nil {
				err = suite.Create(out, p)
			}
			if err != nil {
				return err
			}
			if notice != "" {
				fmt.Fprintln(c.ErrOrStderr(), plain.Text(notice))
			}
			if !asJSON {
				return runSuite(c.Context(), c.ErrOrStderr(), out, p, o)
			}
			return errors.Join(runSuite(c.Context(), io.Discard, out, p, o), printCount(c.OutOrStdout(), out))
		},
	}
	c.Flags().StringSliceVar(&p.Tasks, "tasks", []string{"all"}, "tasks, or all")
	c.Flags().StringSliceVar(&cells, "cells", []string{"mpn"}, "recurrent cells, one agent for each")
	c.Flags().IntVar(&p.Seeds, "seeds", 10, "seeds, from 0")
	c.Flags().BoolVar(&p.MatchParameters, "match-parameters", false,
		"give every cell, on each task, the hidden units with which it has as many parameters as the first")
	c.Flags().StringVar(&p.Preset, "preset", "default", "hyperparameters to begin with")
	c.Flags().StringArrayVar(&set, "set", nil,
		"a hyperparameter as `name=value`; may be repeated ('engram train --help' lists them)")
	c.Flags().StringVar(&plan, "plan", "",
		"a plan in JSON (`file`), instead of tasks, cells, seeds, preset, set and match-parameters")
	for _, name := range []string{"tasks", "cells", "seeds", "preset", "set", "match-parameters"} {
		c.MarkFlagsMutuallyExclusive("plan", name)
	}
	c.Flags().IntVar(&o.Workers, "workers", runtime.NumCPU(), "runs at a time, each on one core")
	writesFolder(c, &out, "out", "suite `directory`, new or to be continued")
	addBackendFlag(c, &o.Backend)
	c.Flags().BoolVar(&asJSON, "json", false,
		"print the number of finished runs at the end as one JSON line, and no progress")
	required(c, "out")
	c.SetFlagErrorFunc(suiteFlagError)
	return c
}

// suiteFlagError returns the error of an unknown flag. For a hyperparameter, which train takes as a flag, it names the
// form that a suite takes.
func suiteFlagError(c *cobra.Command, err error) error {
	flag, name, is := unknownHyperparameter(err)
	switch {
	case !is:
		return c.Root().FlagErrorFunc()(c, err)
	case c.Flags().Lookup(flag+"s") != nil: // a suite has many tasks, cells and seeds
		return usageError{fmt.Errorf("unknown flag: --%s: use --%[1]ss", flag)}
	}
	return usageError{fmt.Errorf("unknown flag: --%s: use --set %s=%s", flag, name, valueOf(flag, os.Args))}
}

// assignments parses texts of the form name=value.
func assignments(texts []string) (map[string]string, error) {
	set := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return nil, usageError{fmt.Errorf("invalid --set %q: use name=value", text)}
		}
		set[strings.ReplaceAll(strings.TrimSpace(name), "-", "_")] = value
	}
	return set, nil
}

func runSuite(ctx context.Context, w io.Writer, dir string, p suite.Plan, o suite.Options) error {
	runs, err := p.Assignments()
	if err != nil {
		return err
	}
	watch := &suiteProgress{out: w, all: len(runs), began: time.Now()}
	o.Watch = watch.event
	o.Notice = func(line string) { fmt.Fprintln(w, plain.Text(line)) }
	failed, err := suite.Run(ctx, dir, o)
	switch {
	case err != nil:
		return orInterrupted(err, "the same command resumes it")
	case failed > 0:
		return fmt.Errorf("%d of %d runs failed: the same command tries them again", failed, len(runs))
	}
	fmt.Fprintf(w, "%d runs are there: 'engram suite table %s' sums them up\n", len(runs), plain.Path(dir))
	return nil
}

// printCount prints how many runs a suite has, and how many are finished.
func printCount(w io.Writer, dir string) error {
	p, finished, err := suite.Results(dir)
	if err != nil {
		return err
	}
	return printObject(w, struct {
		Suite    string `json:"suite"`
		Runs     int    `json:"runs"`
		Finished int    `json:"finished"`
	}{dir, p.Seeds * len(p.Tasks) * len(p.Agents), len(finished)})
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
		fmt.Fprintf(s.out, "%d of %d  FAILED %s\n", s.done, s.all, plain.Error(e.Err))
		return
	}
	about := e.Run.About
	earned := fmt.Sprintf("%6.1f %% of the ceiling", 100*about.Result.ShareOfCeiling)
	if about.Result.NoCeiling {
		earned = about.Result.Brief() + " " + about.Result.Each()
	}
	fmt.Fprintf(s.out, "%d of %d  %-44s %s  %4.0f s  about %s left\n", s.done, s.all, e.Assignment, earned,
		about.Seconds, left)
}

func newSuiteTable() *cobra.Command {
	var form tableForm
	var byAgent bool
	var references string
	c := &cobra.Command{
		Use:   "table DIR",
		Short: "Print a table of a suite's results: means with intervals, seeds that learned, speed",
		Long: `Print a line for each task and agent: the interquartile mean (IQM) of the share of the ceiling over the
seeds, with a 95 % bootstrap interval; the number of seeds that ended at 95 % or more; and the medians of the updates,
environment steps and minutes after which an evaluation first reached 95 %.

With --by-agent there is a line for each agent: what it changes, the IQM and the seeds at 95 % on each task, and why.

With --references there is a line for each task and agent: its reward of a trial, or return of an episode (the median
over the seeds, the lowest and the highest), beside what other policies earn there: an environment's ground truth, a
person, random actions. The file names them, and what they earn on each task:

  {"policies": ["truth", "random"],
   "earns": {"gymnasium:CartPole-v1": {"truth": 500, "random": 22.1}}}

Where there are two or more, the share is 1 for the first and 0 for the last.`,
		Example: `  engram suite table runs/all
  engram suite table runs/all --md > table.md
  engram suite table results/neurogym --references results/neurogym/references.json`,
		Args: arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			p, rows, err := suiteRows(args[0])
			if err != nil {
				return err
			}
			table := suitereport.Table(rows)
			switch {
			case byAgent:
				table = suitereport.ByAgent(p, rows)
			case references != "":
				if table, rows, err = against(references, rows); err != nil {
					return err
				}
			}
			return form.print(c.OutOrStdout(), table, rows)
		},
	}
	form.addFlags(c)
	c.Flags().BoolVar(&byAgent, "by-agent", false, "print a line for each agent instead")
	c.Flags().StringVar(&references, "references", "", "compare with what other policies earn (a JSON `file`)")
	c.MarkFlagsMutuallyExclusive("json", "by-agent")
	c.MarkFlagsMutuallyExclusive("references", "by-agent")
	return c
}

// against returns the rows beside the references of a file, and their table.
func against(file string, rows []suite.Row) (*plots.Table, []suite.Row, error) {
	refs, err := suite.ReadReferences(file)
	if err == nil {
		rows, err = refs.Against(rows)
	}
	if err != nil {
		return nil, nil, err
	}
	return suitereport.Against(refs, rows), rows, nil
}

func newSuiteMemory() *cobra.Command {
	var form tableForm
	var times bool
	c := &cobra.Command{
		Use:   "memory DIR",
		Short: "Compare the cells of a suite on MemoryLength, by the rules of bsuite's experiment memory_len",
		Long: `Print for each memory length and cell bsuite's regret over the episodes of training, exploration included
(0: always right; 1: guessing), and in brackets the lowest share of the ceiling at the end over the seeds (1: always
right; 0: guessing). To bsuite a length is solved if the regret over 10,000 episodes is below 0.75; its score is the
share of lengths that are solved. The last line is the greatest length up to which all lengths ended at 95 % or more.

With --times it prints how soon: the environment steps up to the first evaluation at 95 % of the ceiling (the median of
the seeds that reached it), and in brackets the minutes, and how many of the finished seeds did.

The lengths are an agent's option: "set": {"cell": "mpn", "task_options": "{\"memory_length\": 30}"}.`,
		Example: `  engram suite run --plan results/memory/suite.json --out runs/memory
  engram suite memory runs/memory`,
		Args: arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			_, results, err := suite.Results(args[0])
			if err != nil {
				return err
			}
			all, err := memlen.Compare(args[0], results)
			if err != nil {
				return err
			}
			table := memlen.Table(all)
			if times {
				table = memlen.TimesTable(all)
			}
			return form.print(c.OutOrStdout(), table, all)
		},
	}
	form.addFlags(c)
	c.Flags().BoolVar(&times, "times", false, "print environment steps and minutes to 95 % instead")
	c.MarkFlagsMutuallyExclusive("json", "times")
	return c
}

// tableForm is the form in which a table is printed: as text unless a flag says otherwise.
type tableForm struct{ json, csv, markdown bool }

func (f *tableForm) addFlags(c *cobra.Command) {
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON list")
	c.Flags().BoolVar(&f.csv, "csv", false, "print CSV")
	c.Flags().BoolVar(&f.markdown, "md", false, "print Markdown")
	c.MarkFlagsMutuallyExclusive("json", "csv", "md")
}

// print prints a table, or with --json the values that it was made of.
func (f *tableForm) print(w io.Writer, table *plots.Table, rows any) error {
	switch {
	case f.json:
		return printJSON(w, rows)
	case f.csv:
		return csvTable(w, table)
	case f.markdown:
		_, err := fmt.Fprint(w, suitereport.Markdown(table))
		return err
	}
	return printTable(w, table)
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
	errs := []error{out.Write(plain.Record(t.Header))}
	for _, row := range t.Rows {
		errs = append(errs, out.Write(plain.Record(row)))
	}
	out.Flush()
	return errors.Join(append(errs, out.Error())...)
}

func newSuiteReport() *cobra.Command {
	return reporting("Write a suite's HTML report: learning curves over seeds, performance profiles, tables",
		suitereport.Write)
}

// reporting returns the command that writes the HTML report of a directory of many runs. write takes the directory and
// the file, empty for DIR/report.html, and returns the file's path.
func reporting(short string, write func(dir, out string) (string, error)) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: short,
		Args:  arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := write(args[0], out)
			if err != nil {
				return err
			}
			return answer(c, page{path}, path)
		},
	}
	writesFile(c, &out, "out", "`file` to write (default DIR/report.html)")
	addJSON(c, "print the path as one JSON object")
	return c
}

func newSuiteArchive() *cobra.Command {
	c := &cobra.Command{
		Use:   "archive DIR TO",
		Short: "Copy a suite without weights, for tables: small enough to commit",
		Args:  arguments("DIR", "TO"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := suite.Archive(args[0], args[1]); err != nil {
				return err
			}
			return answer(c, struct {
				Suite   string `json:"suite"`
				Archive string `json:"archive"`
			}{args[0], args[1]}, "")
		},
	}
	addJSON(c, "print both directories as one JSON object")
	return c
}
