package watch

import (
	"context"
	"fmt"
	"time"

	"engram/plots/notebook"
)

// Cell shows a run in the cell of a notebook while it trains elsewhere: a progress bar and its charts, until it has
// ended or the context is cancelled, as the notebook's stop button does to that of notebook.Interruptible. The
// notebook saves the last state.
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
			return nil // who stops looking has seen enough
		case <-time.After(every):
		}
		if views = w.Look(); len(views) == 0 {
			return fmt.Errorf("run %s is gone", dir)
		}
	}
}

// summary is the state, the evaluations and what is wrong, in a line.
func (v View) summary() string {
	said := fmt.Sprintf("%s · greedy %s", v.StateText(), v.EvaluationText())
	for _, t := range v.Trouble {
		said += " · " + t
	}
	return said
}
