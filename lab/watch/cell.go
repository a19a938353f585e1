package watch

import (
	"context"
	"fmt"
	"time"

	"engram/plots/notebook"
)

// Cell shows a run in the cell of a notebook while it trains elsewhere: a progress bar and charts, until the run has
// ended or the context is cancelled. The stop button cancels the context of notebook.Interruptible. The notebook saves
// the last state.
func Cell(ctx context.Context, dir string) error {
	w, err := New(dir)
	if err != nil {
		return err
	}
	views := w.Look()
	bar := notebook.NewBar(int(views[0].Updates), int(views[0].Update), "updates")
	charts := notebook.NewLive()
	defer bar.Close()
	defer charts.Close()
	for {
		v := views[0]
		if v.Ended() {
			bar.Took(v.Trained)
		}
		bar.Set(int(v.Update), v.summary())
		if drawn := v.Charts(); len(drawn) > 0 {
			charts.Show(drawn...)
		}
		if v.Ended() {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // a reader who stops looking causes no error
		case <-time.After(every):
		}
		if views = w.Look(); len(views) == 0 {
			return fmt.Errorf("run %s is gone", dir)
		}
	}
}

// summary returns the state, the evaluations and all trouble in one line.
func (v View) summary() string {
	said := fmt.Sprintf("%s · greedy %s", v.StateText(), v.EvaluationText())
	for _, t := range v.Trouble {
		said += " · " + t
	}
	return said
}
