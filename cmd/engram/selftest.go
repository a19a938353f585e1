package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/backend"
	"engram/lab/kills"
)

func newSelftest() *cobra.Command {
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Prove on this machine and file system what engram promises",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newKills(), newSoak())
	return c
}

// place chooses the backend, makes a temporary directory in dir, which it becomes, and returns this program's path: what
// a selftest starts processes with.
func place(name, dir *string) (executable string, err error) {
	_, choice, err := backend.Open(*name)
	if err != nil {
		return "", err
	}
	*name = choice.Name
	if executable, err = os.Executable(); err != nil {
		return "", err
	}
	*dir, err = os.MkdirTemp(*dir, "engram-selftest-*")
	return executable, err
}

func newKills() *cobra.Command {
	var o kills.Options
	var asJSON, keep bool
	c := &cobra.Command{
		Use:   "kills",
		Short: "Kill training processes and compare what comes of it with runs that were left alone",
		Long: `Train small runs twice: once left alone, and once in processes that are killed (SIGKILL) at random instants, every
other time as soon as a checkpoint is being written, and started again. Both must come to the same bytes: weights, target
network, moments, replay ring, metrics, evaluations and result. It takes about a second a kill, on XLA some.`,
		Example: "  engram selftest kills --kills 50 --backend go\n  engram selftest kills --kills 50 --members 4 --backend xla:cpu --dir /scratch",
		Args:    arguments(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Kills < 1 || o.Members < 1 || o.Updates < 1 {
				return fmt.Errorf("%d kills of %d members of %d updates are impossible: choose 1 or more", o.Kills, o.Members, o.Updates)
			}
			if o.Executable, err = place(&o.Backend, &o.Dir); err != nil {
				return err
			}
			if !keep {
				defer os.RemoveAll(o.Dir)
			}
			return runKills(c, o, asJSON)
		},
	}
	c.Flags().IntVar(&o.Kills, "kills", 50, "processes to kill")
	c.Flags().IntVar(&o.Members, "members", 1, "agents trained together in each process, K")
	c.Flags().IntVar(&o.Updates, "updates", 1000, "updates of each run")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of the instants, and of the first run")
	c.Flags().StringVar(&o.Dir, "dir", "", "`directory` in which a temporary one is made for the runs: choose the file system to be tested")
	addBackendFlag(c, &o.Backend)
	c.Flags().BoolVar(&asJSON, "json", false, "print the runs as one JSON line")
	c.Flags().BoolVar(&keep, "keep", false, "keep the runs")
	return c
}

// runKills kills, shows each run, and fails where one became another.
func runKills(c *cobra.Command, o kills.Options, asJSON bool) error {
	began, killed, writing, different := time.Now(), 0, 0, 0
	o.Watch = func(r kills.Run) {
		killed, writing, different = killed+r.Kills, writing+r.Writing, different+len(r.Different)
		verdict := "the same bytes"
		if len(r.Different) > 0 {
			verdict = fmt.Sprintf("DIFFERENT: %v", r.Different)
		}
		fmt.Fprintf(os.Stderr, "%s, seed %d, K = %d on %s: %d kills, %d while writing a checkpoint, %d before the first: %s\n",
			r.Kind, r.Seed, o.Members, o.Backend, r.Kills, r.Writing, r.Starting, verdict)
	}
	runs, err := o.All(c.Context())
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(c.OutOrStdout(), runs)
	} else {
		_, err = fmt.Fprintf(c.OutOrStdout(), "%d kills of %d runs on %s, %d of them while writing a checkpoint, in %s: %d files differ\n",
			killed, len(runs), o.Backend, writing, time.Since(began).Round(time.Second), different)
	}
	if err == nil && different > 0 {
		err = fmt.Errorf("%d files of runs that were killed are not what they are without: keep them by --keep", different)
	}
	return err
}
