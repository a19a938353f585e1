package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/durable"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/report"
	"engram/plots"
)

// trainOptions holds the flags of training that are not hyperparameters.
type trainOptions struct {
	dir, backend string
	from         string // run directory: its weights are the start
	members      int
	keep         int // checkpoints
	json, quiet  bool
	noReport     bool
	newEpisodes  bool // of a resumed run
}

func newTrain() *cobra.Command {
	var h hyperparameters
	var o trainOptions
	var jobs []lab.Job
	c := &cobra.Command{
		Use:   "train --task NAME --run DIR",
		Short: "Train an agent into a run directory",
		Long: `Train an agent into a run directory, evaluate it on 2,000 fresh trials and write its report.

A preset gives the hyperparameters; --config and single flags change them. The same hyperparameters and seed
give the same numbers on the same backend and machine.

Control-C writes a checkpoint and stops; a second one stops at once. The same command, or 'engram resume', continues a
run that was stopped or killed; its result is the same as without the interruption.

With --from RUN the agent begins with the weights of another run's newest checkpoint in place of random ones.
Parameters are taken by their names, and what is taken, drawn anew and left is printed; the task may be another one if
it has as many observations and actions.

With --members K, K agents are trained together in one compiled program, with the seeds from --seed on, each into
its own run directory DIR/seed-N.`,
		Example: `  engram train --task GoNogo --run runs/a
  engram train --task DelayMatchSample --run runs/b --hidden 128 --learning-rate 5e-4 --seed 3
  engram train --task GoNogo --run runs/c --preset classic
  engram train --run runs/d --config runs/a/config.json --seed 4
  engram train --task GoNogo --run runs/long --from runs/a --task-options '{"timing":{"delay":2000}}'
  engram train --task GoNogo --run runs/four --members 4`,
		Args: arguments(),
		PreRunE: func(*cobra.Command, []string) error {
			config, err := h.config()
			if err != nil {
				return err
			}
			if jobs, err = jobsOf(config, o); err == nil && o.from != "" {
				err = startFrom(o.from, jobs)
			}
			return err
		},
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := trainAndReport(c, jobs, o)
			return err
		},
	}
	writesFolder(c, &o.dir, "run", "run `directory`, new or to be continued")
	c.Flags().StringVar(&o.from, "from", "", "`run` whose weights the agent begins with")
	c.Flags().IntVar(&o.members, "members", 1, "agents trained together in one program, K")
	o.addTo(c)
	c.Flags().IntVar(&o.keep, "keep-checkpoints", 3, "newest checkpoints that are kept, besides the best one")
	h.addTo(c)
	required(c, "run")
	return c
}

// addTo adds the flags that training has, both of a new run and of one that is resumed.
func (o *trainOptions) addTo(c *cobra.Command) {
	addBackendFlag(c, &o.backend)
	c.Flags().BoolVar(&o.json, "json", false, "print the final evaluation of each agent as one JSON line")
	c.Flags().BoolVar(&o.quiet, "quiet", false, "show no progress")
	c.Flags().BoolVar(&o.noReport, "no-report", false, "write no report: 'engram report' can do it later")
}

func addBackendFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "backend", "", "where to compute: auto, xla:cpu, xla:cuda or go (default: the variable "+
		backend.Environment+", else auto)")
}

// jobsOf returns the runs that the options ask for.
func jobsOf(config drqn.Config, o trainOptions) ([]lab.Job, error) {
	const most = 4096 // more is a slip; whether so many fit into memory is checked later
	if o.members < 1 || o.members > most {
		return nil, fmt.Errorf("invalid members %d: use 1 to %d", o.members, most)
	}
	if o.keep < 1 {
		return nil, fmt.Errorf("invalid keep-checkpoints %d: use 1 or more", o.keep)
	}
	if o.members == 1 {
		return []lab.Job{{Dir: o.dir, Config: config, Keep: o.keep}}, nil
	}
	if last := uint64(o.members) - 1; config.Seed > math.MaxUint64-last {
		return nil, fmt.Errorf("invalid seed %d for %d members, whose seeds follow it: use at most %d",
			config.Seed, o.members, math.MaxUint64-last)
	}
	var jobs []lab.Job
	for range o.members {
		jobs = append(jobs, lab.Job{Dir: filepath.Join(o.dir, fmt.Sprintf("seed-%d", config.Seed)), Config: config,
			Keep: o.keep})
		config.Seed++
	}
	return jobs, nil
}

// startFrom lets new runs begin with the weights of another run.
func startFrom(dir string, jobs []lab.Job) error {
	run, err := lab.Open(dir)
	if err != nil {
		return err
	}
	start, err := run.StartFrom(jobs[0].Config) // members differ in their seeds only
	for i := range jobs {
		jobs[i].Start = start
	}
	return err
}

func newResume() *cobra.Command {
	var o trainOptions
	c := &cobra.Command{
		Use:   "resume RUN...",
		Short: "Continue runs that were stopped, killed or failed",
		Long: `Continue runs that were stopped, killed or failed, each from its newest checkpoint and on the backend
that it was begun on. The result is the same, to the last bit, as without the interruption. Agents that were trained
together are continued together, whichever of them is named. A finished run stays as it is. Of several, what cannot be
resumed is said, and the others are resumed.

An environment that has changed since does not play the saved episodes again, so that the run is refused and stays as it
is; with --new-episodes its agents go on, in new episodes of the environment as it is now.`,
		Example: "  engram resume runs/a\n  engram resume runs/*",
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				return usageError{errors.New("engram resume takes the directories of runs: see 'engram resume --help'")}
			}
			return resume(c, dirs, o)
		},
	}
	o.addTo(c)
	c.Flags().BoolVar(&o.newEpisodes, "new-episodes", false,
		"go on in new episodes where the environment has changed: the result is another than without the interruption")
	c.SetFlagErrorFunc(resumeFlagError)
	return c
}

// resumeFlagError returns the error of an unknown flag. For a hyperparameter it explains that a run keeps its own.
func resumeFlagError(c *cobra.Command, err error) error {
	if flag, _, is := unknownHyperparameter(err); is {
		return usageError{fmt.Errorf("%s keeps the hyperparameters that a run was begun with, and takes no --%s: "+
			"'engram train --config RUN/config.json --%[2]s ... --run NEW' trains another run", c.CommandPath(), flag)}
	}
	return usageError{fmt.Errorf("%w: '%s --help' lists the flags", err, c.CommandPath())}
}

// resume continues the populations of the runs, one after the other. What cannot be resumed, and a result that cannot
// be printed, stops none of the others; only an interrupt does.
func resume(c *cobra.Command, dirs []string, o trainOptions) error {
	seen := map[string]bool{}
	var failed int
	var lost error
	for _, dir := range dirs {
		if seen[filepath.Clean(dir)] {
			continue
		}
		err := resumeOne(c, dir, o, seen)
		switch {
		case err == nil:
		case errors.As(err, &unwritten{}):
			lost = err
		case len(dirs) == 1 || c.Context().Err() != nil:
			return err
		default:
			failed++
			fmt.Fprintln(c.ErrOrStderr(), plain.Error(err))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of the %d named were not resumed: see above", failed, len(dirs))
	}
	return lost
}

// resumeOne continues the population of a run, and notes its members as seen.
func resumeOne(c *cobra.Command, dir string, o trainOptions, seen map[string]bool) error {
	const ofSuite, ofStudy = "suite run --plan %[1]s/suite.json --out %[1]s", "sweep resume %s"
	if err := notMany(dir, "continues", ofSuite, ofStudy); err != nil {
		return err
	}
	jobs, begunOn, err := lab.JobsOf(dir)
	if err != nil {
		return err
	}
	for i := range jobs {
		seen[filepath.Clean(jobs[i].Dir)], jobs[i].NewEpisodes = true, o.newEpisodes
	}
	o.backend = cmp.Or(o.backend, begunOn)
	_, err = trainAndReport(c, jobs, o)
	return err
}

// trainAndReport trains, writes the reports and prints the tables of results.
func trainAndReport(c *cobra.Command, jobs []lab.Job, o trainOptions) ([]*lab.Run, error) {
	for _, j := range jobs {
		if err := j.Check(); err != nil {
			return nil, err
		}
		if err := o.reportable(j.Dir); err != nil {
			return nil, err
		}
	}
	b, choice, err := backend.Open(o.backend)
	if err != nil {
		return nil, err
	}
	reported := map[string]bool{}
	for _, j := range jobs {
		reported[j.Dir] = isReported(j.Dir)
	}
	runs, err := trainWithProgress(c.Context(), jobs, o, b, choice)
	if err != nil {
		return runs, err
	}
	var errs []error
	for _, run := range runs {
		errs = append(errs, reportOn(c, run, o, reported[run.Dir]))
	}
	return runs, errors.Join(errs...)
}

// isReported reports whether a directory holds a finished run with a report. That one stays, because its episode may
// not be played again: its environment may be missing now.
func isReported(dir string) bool {
	run, err := lab.Open(dir)
	if err != nil || run.About.State != lab.Finished {
		return false
	}
	_, err = os.Stat(report.PathOf(dir))
	return err == nil
}

// reportable returns an error unless the report can be written into a run that exists.
func (o trainOptions) reportable(dir string) error {
	if _, err := os.Stat(dir); err != nil || o.noReport {
		return nil
	}
	return durable.Writable(report.PathOf(dir))
}

// reportOn writes a run's report, unless it is to be kept, and prints the run's results.
func reportOn(c *cobra.Command, run *lab.Run, o trainOptions, keep bool) (err error) {
	path := "none; 'engram report --run " + plain.Path(run.Dir) + "' writes it"
	if keep {
		path = report.PathOf(run.Dir)
	} else if !o.noReport {
		if path, err = report.Write(c.Context(), run, ""); err != nil {
			return err
		}
	}
	if o.json {
		return printObject(c.OutOrStdout(), run.About.Result)
	}
	return printResults(c.OutOrStdout(), run, path)
}

// trainWithProgress trains, and shows progress unless the options forbid it.
func trainWithProgress(ctx context.Context, jobs []lab.Job, o trainOptions, b compute.Backend,
	choice backend.Choice) ([]*lab.Run, error) {
	var w lab.Watcher = notices{os.Stderr}
	if !o.quiet && !o.json {
		fmt.Fprintf(os.Stderr, "%s: %s on %s\n", plain.Text(jobs[0].Dir), plain.Text(jobs[0].Config.Task), choice)
		p := newProgress(os.Stderr, jobs)
		defer p.done()
		w = p
	}
	inTraining.Store(&jobs[0].Dir)
	defer inTraining.Store(nil)
	runs, err := lab.Train(ctx, jobs, b, choice.Name, w)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return runs, interruption{jobs[0].Dir, ctx.Err()}
	}
	return runs, err
}

// compiling is what is said before XLA compiles; the seconds are those of docs/performance.md.
const compiling = "compiling the train step at the first update, once for each program: about 1 s for a window of 10" +
	" steps and 4 s for one of 50, longer on a busy machine"

// interruption is the error of a training that was interrupted.
type interruption struct {
	dir   string
	cause error // of the context
}

func (i interruption) Error() string {
	if last, _ := lastCheckpoint(i.dir); last < 0 {
		return "interrupted " + beforeCheckpoint(i.dir)
	}
	return fmt.Sprintf("interrupted: the last checkpoint is in %s, and 'engram resume %s' continues", i.dir,
		plain.Path(i.dir))
}

func (i interruption) Unwrap() error { return i.cause }

// printResults prints what the agent and the reference policies earn, what to try where that is little, and where the
// report is.
func printResults(w io.Writer, run *lab.Run, path string) error {
	reference, err := run.Reference()
	if err != nil {
		return err
	}
	if err := printTable(w, report.Results(run, reference)); err != nil {
		return err
	}
	hint, err := run.Hint()
	if err != nil {
		return err
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", plain.Text(hint))
	}
	_, err = fmt.Fprintf(w, "report: %s\n", plain.Text(path))
	return err
}

func printTable(w io.Writer, t *plots.Table) error {
	return printRows(w, append([][]string{t.Header}, t.Rows...))
}

// printRows prints rows of cells in columns.
func printRows(w io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(plain.Texts(row), "\t"))
	}
	return table.Flush()
}
