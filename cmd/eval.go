package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"engram/compare"
	"engram/internal/durable"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/report"
)

// evalOptions holds the flags of an evaluation.
type evalOptions struct {
	dir, checkpoint string
	options         []string // objects of task options, one an evaluation
	trials          int
	seed            uint64
}

func newEval() *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "eval --run DIR",
		Short: "Evaluate a run's agent on fresh trials",
		Long: `Evaluate the agent of a run's newest checkpoint, or of another one, on freshly seeded trials. It acts
greedily, without exploration. Where M goes on over the trials of a session, what the first ones earn is told apart:
they meet an M that nothing was written into yet (--json: places).

--task-options evaluates it in another setting of its task, such as a longer delay than it was trained with: what the
object does not name stays as in training. Named several times, it gives a table.`,
		Example: `  engram eval --run runs/a --trials 2000 --json
  engram eval --run runs/a --checkpoint best
  engram eval --run runs/a --task-options '{"timing":{"delay":2000}}' --task-options '{"timing":{"delay":4000}}'`,
		Args: oneRun,
		RunE: func(c *cobra.Command, _ []string) error {
			run, err := lab.Open(o.dir)
			if err != nil {
				return err
			}
			if !c.Flags().Changed("trials") {
				if o.trials, err = run.FinalTrials(); err != nil {
					return err
				}
			}
			all, err := compare.EvaluateWith(c.Context(), run, o.checkpoint, o.options, o.trials, o.seed)
			if err != nil {
				return err
			}
			for _, line := range run.Notices {
				fmt.Fprintln(c.ErrOrStderr(), plain.Text(line))
			}
			return printEvaluations(c, all)
		},
	}
	c.Flags().StringVar(&o.dir, "run", "", "run `directory`")
	c.Flags().StringVar(&o.checkpoint, "checkpoint", "last",
		"whose agent: last, best (by the evaluations during training) or an update")
	c.Flags().StringArrayVar(&o.options, "task-options", nil,
		"`JSON` object of task options over those of training; may be repeated")
	c.Flags().IntVar(&o.trials, "trials", lab.FinalTrials,
		"trials to act for; of an environment without trials, episodes (then 100)")
	c.Flags().Uint64Var(&o.seed, "seed", 1, "seed of the trials")
	addJSON(c, "print one JSON line; a list where --task-options is repeated")
	required(c, "run")
	return c
}

// printEvaluations prints one evaluation as a line and several as a table, or as JSON.
func printEvaluations(c *cobra.Command, all []compare.Evaluated) error {
	switch {
	case len(all) == 1:
		return answer(c, all[0], all[0].String())
	case wantsJSON(c):
		type formatted struct {
			Format int `json:"format"`
			compare.Evaluated
		}
		var list []formatted
		for _, e := range all {
			list = append(list, formatted{jsonFormat, e})
		}
		return printJSON(c.OutOrStdout(), list)
	}
	return printTable(c.OutOrStdout(), compare.EvaluatedTable(all))
}

// oneRun takes no arguments, because the run is named by --run.
func oneRun(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("%s takes one run, as --run DIR, and not also %q: call it once for each run",
		c.CommandPath(), args)}
}

func newReport() *cobra.Command {
	var dir, out string
	c := &cobra.Command{
		Use:   "report RUN...",
		Short: "Write the HTML report of a run, or one that compares several; a file that opens offline",
		Long: `Write the HTML report of a run, one file that opens offline. Of a directory of runs, or of several runs,
directories of runs, suites and studies, write one page with all learning curves in one picture: runs that differ only
in their seed are one curve with a band, a suite has a curve for each task and agent, a study that of its best trial.
Runs may still train. One suite or study has a report of its own ('engram suite report', 'engram sweep report').`,
		Example: `  engram report runs/a
  engram report --run runs/a --out a.html
  engram report runs/a runs/b --out both.html`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case dir == "" && len(args) == 0:
				return usageError{fmt.Errorf("%s needs RUN or --run: see '%[1]s --help'", c.CommandPath())}
			case dir != "" && len(args) > 0:
				return usageError{fmt.Errorf("%s takes one run, as --run DIR, or several without --run: '%[1]s A B' "+
					"compares them", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, dirs []string) error {
			var path string
			var err error
			if len(dirs) > 1 || len(dirs) == 1 && holdsRuns(dirs[0]) {
				path, err = compareRuns(dirs, out)
			} else {
				path, err = reportRun(c.Context(), cmp.Or(dir, strings.Join(dirs, "")), out)
			}
			if err != nil {
				return err
			}
			return answer(c, page{path}, path)
		},
	}
	c.Flags().StringVar(&dir, "run", "", "run `directory`")
	writesFile(c, &out, "out", "`file` to write (default RUN/report.html, where runs are compared "+comparedPage+")")
	addJSON(c, "print the path as one JSON object")
	return c
}

// holdsRuns reports whether a folder is no run, suite or study, and runs lie below it.
func holdsRuns(dir string) bool {
	if kindOf(dir) != "" {
		return false
	}
	runs, err := lab.List(dir)
	return err == nil && len(runs) > 0
}

// reportRun writes the report of one run and returns its path.
func reportRun(ctx context.Context, dir, out string) (string, error) {
	if err := notMany(dir, "reports on", "suite report %s", "sweep report %s"); err != nil {
		return "", err
	}
	run, err := lab.Open(dir)
	if err != nil {
		return "", err
	}
	return report.Write(ctx, run, out)
}

// comparedPage is the name of the page that compares runs, in the current directory.
const comparedPage = "compare.html"

// compareRuns writes a page that compares runs and returns its path.
func compareRuns(dirs []string, out string) (string, error) {
	path := cmp.Or(out, comparedPage)
	if err := durable.Writable(path); err != nil {
		return "", err
	}
	curves, err := compare.Read(dirs...)
	if err != nil {
		return "", err
	}
	return path, compare.Page(curves).Save(path)
}
