package nb

import (
	"context"
	"fmt"

	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/record"
	"engram/plots/notebook"
)

// Record lets a run's agent act greedily for so many whole trials and writes every step of them into a file that NumPy
// reads: observations, actions, values, activity and memory (docs/recording.md). It prints a line and returns what the
// file holds.
//
//	nb.Record("runs/a", 200, "runs/a.npz")
func Record(dir string, trials int, path string) (about record.About) {
	withAgent(dir, func(ctx context.Context, run *lab.Run, policy *drqn.Policy, update int64) (err error) {
		about, err = record.Write(ctx, policy, path, record.Options{Trials: trials, Seed: Seed,
			State: record.State{Kind: record.All}, Run: run.Dir, Update: update})
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d %ss of %s, %d steps\n", plain.Text(path), about.Trials, about.Unit, plain.Text(about.Task),
			about.Steps)
		return nil
	})
	return about
}

// withAgent does a cell's job with a run's newest agent, the one of an update, until the stop button is pressed.
func withAgent(dir string, job func(ctx context.Context, run *lab.Run, policy *drqn.Policy, update int64) error) {
	Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		run, err := lab.Open(dir)
		if err != nil {
			return err
		}
		policy, update, err := run.Policy()
		if err != nil {
			return err
		}
		return job(ctx, run, policy, update)
	})
}
