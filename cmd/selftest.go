package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"engram/internal/backend"
	"engram/internal/selftest/kills"
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

// makeWorkDir creates a temporary directory under *dir, stores its path in *dir, and returns the running executable,
// which a selftest starts its processes with.
func makeWorkDir(dir *string) (executable string, err error) {
	if executable, err = os.Executable(); err != nil {
		return "", err
	}
	name := fmt.Sprintf("engram-selftest-%d", rand.Uint64())
	*dir = filepath.Join(cmp.Or(*dir, os.TempDir()), name)
	return executable, os.Mkdir(*dir, 0o777) // os.MkdirTemp would ignore the umask
}

// resolveBackend replaces an alias such as auto by the name of the backend that it opens.
func resolveBackend(name *string) error {
	_, choice, err := backend.Open(*name)
	*name = choice.Name
	return err
}

func newKills() *cobra.Command {
	var o kills.Options
	var backends []string
	var members []int
	var asJSON, keep bool
	c := &cobra.Command{
		Use:   "kills",
		Short: "Kill training processes and compare the results with undisturbed runs",
		Long: `Train small runs twice: once undisturbed, and once in processes that are killed (SIGKILL) at random
instants and started again; every other kill comes as soon as a checkpoint is being written. Both must end with the
same bytes: weights, target network, moments, replay ring, metrics, evaluations and result. It takes about a second a
kill, and some seconds on XLA.

Several backends and numbers of members are tested one after another. At the end each run's digest is printed, as by
'engram digest'.`,
		Example: `  engram selftest kills --kills 50 --backend go
  engram selftest kills --kills 50 --members 1,4 --backend go,xla:cpu --dir /scratch`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Kills < 1 || slices.Min(members) < 1 || o.Updates < 1 {
				return fmt.Errorf("invalid %d kills of %v members of %d updates: use 1 or more", o.Kills, members,
					o.Updates)
			}
			for i := range backends {
				if err := resolveBackend(&backends[i]); err != nil {
					return err
				}
			}
			if o.Executable, err = makeWorkDir(&o.Dir); err != nil {
				return err
			}
			if !keep {
				defer os.RemoveAll(o.Dir)
			}
			return runKills(c, o, backends, members, asJSON)
		},
	}
	c.Flags().IntVar(&o.Kills, "kills", 50, "processes to kill for each backend and number of members")
	c.Flags().IntSliceVar(&members, "members", []int{1}, "agents trained together in each process, K; several: 1,4")
	c.Flags().IntVar(&o.Updates, "updates", 1000, "updates of each run")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of the instants and of the first run")
	writesIn(c, &o.Dir, "dir",
		"`directory` in which a temporary one is made for the runs, on the file system to be tested")
	c.Flags().StringSliceVar(&backends, "backend", []string{""},
		"where to compute: auto, xla:cpu, xla:cuda or go; several: go,xla:cpu")
	c.Flags().BoolVar(&asJSON, "json", false, "print the runs as one JSON line")
	c.Flags().BoolVar(&keep, "keep", false, "keep the runs")
	return c
}

// runKills kills, shows each run, and returns an error if one differs from the undisturbed run.
func runKills(c *cobra.Command, o kills.Options, backends []string, members []int, asJSON bool) error {
	var all []kills.Run
	root := o.Dir
	for _, o.Backend = range backends {
		for _, o.Members = range members {
			o.Dir = filepath.Join(root, fmt.Sprintf("%s-%d", strings.ReplaceAll(o.Backend, ":", "-"), o.Members))
			if err := os.Mkdir(o.Dir, 0o777); err != nil {
				return err
			}
			o.Watch = func(r kills.Run) {
				fmt.Fprintf(os.Stderr, "%s: %d kills, %d while writing a checkpoint, %d before the first: %s\n",
					nameOf(r), r.Kills, r.Writing, r.Starting, verdict(r))
			}
			runs, err := o.All(c.Context())
			if err != nil {
				return err
			}
			all = append(all, runs...)
		}
	}
	if asJSON {
		return errors.Join(printJSON(c.OutOrStdout(), all), unequal(all))
	}
	showKills(c.OutOrStdout(), all)
	return unequal(all)
}

func nameOf(r kills.Run) string {
	return fmt.Sprintf("%s, seed %d, K = %d on %s", r.Kind, r.Seed, r.Members, r.Backend)
}

func verdict(r kills.Run) string {
	if len(r.Different) > 0 {
		return fmt.Sprintf("DIFFERENT: %v", r.Different)
	}
	return "the same bytes"
}

// showKills prints each agent's digests, and totals.
func showKills(out io.Writer, runs []kills.Run) {
	killed, writing, different := 0, 0, 0
	for _, r := range runs {
		killed, writing, different = killed+r.Kills, writing+r.Writing, different+len(r.Different)
		fmt.Fprintln(out, nameOf(r))
		for k := range r.Alone {
			after := "the same"
			if r.Killed[k] != r.Alone[k] {
				after = r.Killed[k]
			}
			fmt.Fprintf(out, "  %s left alone; after %d kills: %s\n", r.Alone[k], r.Kills, after)
		}
	}
	fmt.Fprintf(out, "%d kills of %d runs, %d of them while writing a checkpoint: %d files differ\n", killed, len(runs),
		writing, different)
}

// unequal returns an error if files differ.
func unequal(runs []kills.Run) error {
	different := 0
	for _, r := range runs {
		different += len(r.Different)
	}
	if different > 0 {
		return fmt.Errorf("%d files of killed runs differ from those of undisturbed runs: see them with --keep",
			different)
	}
	return nil
}
