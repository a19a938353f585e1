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
		notebook.SayStopped(fmt.Sprintf("after update %d", runs[0].About.Updates))
		return nil
	}
	if err != nil {
		return err
	}
	e := runs[0].About.Result
	fmt.Printf("%d updates on %s; greedy, over %d fresh %ss: %.3f %s%s%s\n", runs[0].About.Updates, backend, e.Trials,
		e.Unit(), e.RewardPerTrial, e.Each(), ofCeiling(e), rightText(e, ", %.1f %% of trials right"))
	return nil
}

// ofCeiling returns the share of the ceiling in words, or the standard deviation of the returns where there is none.
func ofCeiling(e *drqn.Evaluation) string {
	switch sd, known := e.SD(); {
	case e.NoCeiling && !known:
		return ""
	case e.NoCeiling:
		return fmt.Sprintf(", standard deviation %.3g", sd)
	}
	return fmt.Sprintf(", %.1f %% of the ceiling", 100*e.ShareOfCeiling)
}

// rightText formats the percentage of trials that were answered correctly, or returns nothing for episodes.
func rightText(e *drqn.Evaluation, format string) string {
	if e.Episodes > 0 {
		return ""
	}
	return fmt.Sprintf(format, 100*e.Accuracy)
}

// button is a watch that presses the stop button when the metrics of an update are reported.
type button struct {
	*Watch
	update int64
	press  func()
}

// Metrics implements drqn.Observer.
func (b button) Metrics(m drqn.Metrics) error {
	if m.Update == b.update {
		b.press()
	}
	return b.Watch.Metrics(m)
}
