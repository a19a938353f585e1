package nb

import (
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
	Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		run, policy, update, err := agentOf(dir)
		if err != nil {
			return err
		}
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

// agentOf returns a run with its newest agent, and the update of that.
func agentOf(dir string) (*lab.Run, *drqn.Policy, int64, error) {
	run, err := lab.Open(dir)
	if err != nil {
		return nil, nil, 0, err
	}
	policy, update, err := run.Policy()
	return run, policy, update, err
}
