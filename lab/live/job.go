package live

import (
	"context"
	"errors"
	"fmt"

	"engram/drqn"
	"engram/lab"
	"engram/plots/notebook"
)

// RunJob trains or resumes one run in a cell and shows its curves from the beginning: WatchRun watches, lab.Train
// trains. The stop button ends training with a checkpoint and without an error; running the cell again resumes the run.
// RunJob prints where the run stopped, or what the trained agent earns.
func RunJob(title string, job lab.Job) error { return RunJobUntil(title, job, 0) }

// RunJobUntil does what RunJob does, and presses the stop button itself when the metrics of the given update are
// reported; 0 never does.
func RunJobUntil(title string, job lab.Job, update int64) error {
	ctx, stop := notebook.Interruptible()
	defer stop()
	b, backend, err := Backend()
	if err != nil {
		return err
	}
	watch, err := WatchRun(title, job)
	if err != nil {
		return err
	}
	runs, err := lab.Train(ctx, []lab.Job{job}, b, backend, button{watch, update, stop})
	watch.closeAfter(err)
	if errors.Is(err, context.Canceled) {
		fmt.Println("stopped after update", runs[0].About.Updates, "- run the cell again to go on")
		return nil
	}
	if err != nil {
		return err
	}
	e := runs[0].About.Result
	fmt.Printf("%d updates on %s; greedy, over %d fresh trials: %.3f a trial, %.1f %% of the ceiling, "+
		"%.1f %% of trials right\n", runs[0].About.Updates,
		backend, e.Trials, e.RewardPerTrial, 100*e.ShareOfCeiling, 100*e.Accuracy)
	return nil
}

// button is a watcher that presses the stop button when the metrics of an update are reported.
type button struct {
	lab.Watcher
	update int64
	press  func()
}

// Metrics implements drqn.Observer.
func (b button) Metrics(m drqn.Metrics) error {
	if m.Update == b.update {
		b.press()
	}
	return b.Watcher.Metrics(m)
}
