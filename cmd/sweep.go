package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"engram/internal/backend"
	"engram/internal/plain"
	"engram/internal/signals"
	"engram/sweep"
	"engram/sweep/watch"
)

func newSweep() *cobra.Command {
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Search hyperparameters: on this machine or on a cluster",
		Long: `A study says what is searched and how; 'engram sweep run --help' shows one. Its directory needs no
server. It can be stopped or killed at any time and is resumed where it was, and any number of workers, on any number
of machines that share the directory, may carry it out together.`,
		Example: `  engram sweep run study.json --out runs/study
  engram sweep status runs/study
  engram sweep best runs/study > best.json && engram train --config best.json --run runs/best`,
		Args: onlyCommands,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSweepRun(), newSweepMake(), newSweepResume(), newSweepStatus(), newSweepBest(), newSweepReport(),
		newSweepExport(), newSweepCheck(), newSweepSubmit(), newSweepWorker())
	return c
}

// sweepOptions are the flags of carrying a study out.
type sweepOptions struct {
	sweep.Options
	backend                string
	processes, quiet, json bool
}

func (o *sweepOptions) addTo(c *cobra.Command) {
	c.Flags().IntVar(&o.Workers, "workers", runtime.NumCPU(), "trials, or packs of them, at a time")
	c.Flags().IntVar(&o.Pack, "pack", 1,
		"trials that train together in one program, where they differ only in what may be an input of it")
	c.Flags().BoolVar(&o.processes, "processes", false, "make each worker a process of its own, on one core")
	c.Flags().Float64Var(&o.Minutes, "minutes", 0,
		"end in good order after so many minutes (default: as the study says)")
	addBackendFlag(c, &o.backend)
	c.Flags().BoolVar(&o.quiet, "quiet", false, "show no progress")
	c.Flags().BoolVar(&o.json, "json", false, "print how it stands at the end as one JSON line, and no progress")
}

func newSweepRun() *cobra.Command {
	var o sweepOptions
	var out string
	c := &cobra.Command{
		Use:         "run STUDY.json",
		Annotations: goesOn,
		Short:       "Carry a study out, or resume it",
		Long: `Carry a study out in a directory, or resume the study that is there. A study file:

  {"goal": {"kind": "train", "set": {"task": "GoNogo", "updates": 2000}, "measure": "last", "seeds": 1},
   "space": [{"name": "learning_rate", "kind": "log", "low": 1e-4, "high": 1e-2},
             {"name": "cell", "kind": "choice", "choices": ["mpn", "gru"]},
             {"name": "eta", "kind": "float", "low": -1, "high": 1, "when": {"param": "cell", "in": ["mpn"]}}],
   "sampler": {"kind": "tpe"}, "pruner": {"kind": "asha", "first": 500}, "trials": 32, "minutes": 10, "seed": 0}

goal      set: hyperparameters over a "preset" ('engram train --help' lists both); measure: last (share of the ceiling
          at the end), best, or updates_to (with "threshold"); seeds: agents of a trial; max_seconds, max_memory_mb
space     any hyperparameter; kinds: float, log, int, log_int, choice; "when" switches one on by an earlier choice
sampler   grid (with "points" of a parameter), random, halton or tpe
pruner    none, median (warmup, startup), asha (first, factor); patience with each
others    trials, minutes, seed, max_attempts (3), stale_seconds (60; at least 120 where agents train)`,
		Example: `  engram sweep run study.json
  engram sweep run study.json --out runs/study --workers 2 --processes
  engram sweep run study.json --out runs/study --workers 1 --pack 32`,
		Args: arguments("STUDY.json"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := sweep.ReadStudy(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = filepath.Join("runs", strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0])))
			}
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			if err := sweep.Create(out, s); err != nil {
				return err
			}
			return o.carryOut(c, out)
		},
	}
	writesFolder(c, &out, "out",
		"study `directory`, made or resumed (default runs/ and the name of the file)")
	o.addTo(c)
	c.SetFlagErrorFunc(sweepFlagError)
	return c
}

// sweepFlagError returns the error of an unknown flag; where it is a hyperparameter, a flag of train alone, the error
// says how a study sets it.
func sweepFlagError(c *cobra.Command, err error) error {
	flag, name, is := unknownHyperparameter(err)
	if !is {
		return c.Root().FlagErrorFunc()(c, err)
	}
	value := valueOf(flag, os.Args)
	if !json.Valid([]byte(value)) {
		value = strconv.Quote(value)
	}
	return usageError{fmt.Errorf(`unknown flag: --%s: use "set": {%q: %s} in the goal of the study file`, flag, name,
		value)}
}

func newSweepMake() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:     "make STUDY.json --out DIR",
		Short:   "Make a study's directory and run nothing: for a cluster",
		Example: "  engram sweep make study.json --out /shared/study",
		Args:    arguments("STUDY.json"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := sweep.ReadStudy(args[0])
			if err != nil {
				return err
			}
			if err := sweep.Create(out, s); err != nil {
				return err
			}
			return answer(c, struct {
				Study string `json:"study"`
			}{out}, fmt.Sprintf("%s: 'engram sweep submit %[1]s --engine slurm' starts its workers, "+
				"'engram sweep resume %[1]s' carries it out here", out))
		},
	}
	writesFolder(c, &out, "out", "study `directory` to make")
	addJSON(c, "print the directory as one JSON object")
	required(c, "out")
	return c
}

func newSweepResume() *cobra.Command {
	var o sweepOptions
	c := &cobra.Command{
		Use:         "resume DIR",
		Annotations: goesOn,
		Short:       "Carry out the rest of a study",
		Long: `Carry out the rest of a study: trials that were not begun, were interrupted or lost. A settled trial is
never run again. One that failed is, with --retry-failed, unless it is set aside: it failed or was lost max_attempts
times.`,
		Example: "  engram sweep resume runs/study\n  engram sweep resume runs/study --retry-failed",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			return o.carryOut(c, args[0])
		},
	}
	o.addTo(c)
	c.Flags().BoolVar(&o.RetryFailed, "retry-failed", false, "give failed trials another attempt")
	return c
}

func newSweepWorker() *cobra.Command {
	var o sweep.Options
	var backend string
	var again bool
	c := &cobra.Command{
		Use:         "worker DIR",
		Annotations: goesOn,
		Short:       "Carry out trials of a study until none is left: what clusters start",
		Long: `Carry out trials of a study, one pack after another, until each is settled or running elsewhere. Start
as many workers as you like, on any machine that shares the directory. SIGINT, SIGTERM and SIGUSR1 end one in good
order.`,
		Example: "  engram sweep worker /shared/study",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			if o.Backend, err = opener(r.Study, backend); err != nil {
				return err
			}
			ctx, stop := untilSignal(c.Context())
			defer stop()
			work := sweep.Work
			if again {
				work = workAgain
			}
			worked := resumable(work(ctx, args[0], o), args[0])
			if worked != nil && !errors.Is(worked, errAgain) {
				return worked
			}
			return errors.Join(worked, answerStatus(c, r))
		},
	}
	c.Flags().IntVar(&o.Workers, "workers", 1, "trials, or packs of them, at a time")
	c.Flags().IntVar(&o.Pack, "pack", 1, "trials that train together")
	c.Flags().Float64Var(&o.Minutes, "minutes", 0, "end in good order after so many minutes")
	c.Flags().BoolVar(&again, "again", false,
		"exit with 75 if the minutes are over and trials are left: the cluster starts a new worker")
	c.Flags().BoolVar(&o.Wait, "wait", false, "wait for trials that run elsewhere, and take up those that are lost")
	c.Flags().BoolVar(&o.RetryFailed, "retry-failed", false, "give failed trials another attempt")
	addJSON(c, "print how the study stands at the end as one JSON object")
	addBackendFlag(c, &backend)
	return c
}

// errAgain is the error of a worker whose minutes are over while trials are left: exit code cluster.Again.
var errAgain = errors.New("the minutes are over and trials are left: exit code 75 asks for a new worker")

// answerStatus prints, with --json, how a study stands.
func answerStatus(c *cobra.Command, r *sweep.Reader) error {
	if !wantsJSON(c) {
		return nil
	}
	if err := r.Refresh(); err != nil {
		return err
	}
	s, err := r.Status()
	if err != nil {
		return err
	}
	return answer(c, s, "")
}

// workAgain works until nothing is left or the minutes are over, and returns errAgain where trials are left then.
func workAgain(ctx context.Context, dir string, o sweep.Options) error {
	began := time.Now()
	if err := sweep.Work(ctx, dir, o); err != nil {
		return err
	}
	r, err := sweep.Open(dir)
	if err != nil {
		return err
	}
	s, err := r.Status()
	if err == nil && !s.Done && o.Minutes > 0 && time.Since(began).Minutes() >= o.Minutes {
		err = errAgain
	}
	return err
}

// opener returns a function that opens the backend asked for. It returns an error at once where the study needs it and
// it does not work, because otherwise every trial would fail.
func opener(s sweep.Study, request string) (func() (compute.Backend, string, error), error) {
	open := func() (compute.Backend, string, error) {
		b, choice, err := backend.Open(request)
		return b, choice.Name, err
	}
	if s.Goal.Kind != "train" {
		return open, nil
	}
	_, _, err := open()
	return open, err
}

// carryOut works at a study and prints its status.
func (o sweepOptions) carryOut(c *cobra.Command, dir string) error {
	r, err := sweep.Open(dir)
	if err != nil {
		return err
	}
	if o.Backend, err = opener(r.Study, o.backend); err != nil {
		return err
	}
	err = o.show(c.Context(), r, func(ctx context.Context) error {
		if !o.processes {
			return sweep.Work(ctx, dir, o.Options)
		}
		executable, err := os.Executable()
		if err != nil {
			return err
		}
		return sweep.Processes(ctx, dir, executable, o.backend, o.Options)
	})
	return o.conclude(c, r, err)
}

// show shows a study while trials run: as a table that moves on a terminal, otherwise as a line for each trial
// that ends.
func (o sweepOptions) show(ctx context.Context, r *sweep.Reader, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	switch {
	case o.quiet || o.json:
		return <-done
	case term.IsTerminal(int(os.Stderr.Fd())):
		return watch.Terminal(os.Stderr, r, done, cancel)
	}
	return watch.Lines(&plain.Writer{Out: os.Stderr}, r, done)
}

// untilSignal returns a context that ends, in good order, with the signals that clusters send before they take a job's
// machine away.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	taken := signals.Taken(syscall.SIGUSR1, syscall.SIGTERM, os.Interrupt)
	if len(taken) == 0 { // NotifyContext takes none for all
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, taken...)
}

// resumable returns an error of work at a study; where a signal stopped it, the error says how to resume it.
func resumable(err error, dir string) error {
	return orInterrupted(err, fmt.Sprintf("'engram sweep resume %s' continues", plain.Path(dir)))
}

// conclude prints the study's status and what to do next.
func (o sweepOptions) conclude(c *cobra.Command, r *sweep.Reader, worked error) error {
	if worked != nil && !errors.Is(worked, context.Canceled) {
		return worked
	}
	worked = resumable(worked, r.Dir)
	if err := r.Refresh(); err != nil {
		return err
	}
	s, err := r.Status()
	if err != nil {
		return err
	}
	if o.json {
		return errors.Join(worked, printJSON(c.OutOrStdout(), s))
	}
	fmt.Fprintln(c.OutOrStdout(), s.Line())
	switch {
	case worked != nil:
		return worked
	case len(s.Failed) > 0:
		return fmt.Errorf("%d trials failed: 'engram sweep status %s' names them, "+
			"'engram sweep resume %[2]s --retry-failed' tries them again", len(s.Failed), plain.Path(r.Dir))
	case !s.Done:
		fmt.Fprintf(c.OutOrStdout(), "not all is done: 'engram sweep resume %s' continues\n", plain.Path(r.Dir))
	default:
		fmt.Fprintf(c.OutOrStdout(), "'engram sweep report %s' draws it, 'engram sweep best %s' prints the best\n",
			plain.Path(r.Dir), plain.Path(r.Dir))
	}
	return nil
}
