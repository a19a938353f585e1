package watch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"engram/internal/plain"
	"engram/plots"
	"engram/plots/notebook"
)

// Cell shows runs in the cell of a notebook while they train elsewhere: a progress bar and charts, until all have ended
// or the context is cancelled. One run has the charts of its View; several, which may also be named by a directory that
// holds them, have their evaluations in one chart, and a line where their sizes differ. The stop button cancels the
// context of notebook.Interruptible. The notebook saves the last state.
func Cell(ctx context.Context, dirs ...string) error {
	w, err := New(dirs...)
	if err != nil {
		return err
	}
	views := w.Look()
	done, all := progress(views)
	bar := notebook.NewBar(all, done, "updates")
	charts := notebook.NewLive()
	defer bar.Close()
	defer charts.Close()
	said := ""
	for {
		if notice := sizeNotice(views); notice != said {
			fmt.Println(plain.Text(notice))
			said = notice
		}
		if Ended(views) {
			bar.Took(trained(views))
		}
		done, _ := progress(views)
		bar.Set(done, summary(views))
		if drawn := charted(views); len(drawn) > 0 {
			charts.Show(drawn...)
		}
		if Ended(views) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // a reader who stops looking causes no error
		case <-time.After(every):
		}
		if views = w.Look(); len(views) == 0 {
			return fmt.Errorf("run %s is gone", strings.Join(dirs, " "))
		}
	}
}

// progress returns the updates done and those wanted of all runs.
func progress(views []View) (done, all int) {
	for _, v := range views {
		done, all = done+int(v.Update), all+int(v.Updates)
	}
	return done, all
}

// trained returns the time that all runs trained.
func trained(views []View) (all time.Duration) {
	for _, v := range views {
		all += v.Trained
	}
	return all
}

// charted returns the charts of one run, or that of several together.
func charted(views []View) []plots.Chart {
	if len(views) == 1 {
		return views[0].Charts()
	}
	return charts(together(views))
}

// summary returns the summary of one run, or the number of those that have ended and all trouble of several.
func summary(views []View) string {
	if len(views) == 1 {
		return views[0].summary()
	}
	ended, trouble := 0, ""
	for _, v := range views {
		if v.Ended() {
			ended++
		}
		for _, t := range v.Trouble {
			trouble += " · " + v.Dir + ": " + t
		}
	}
	return fmt.Sprintf("%d of %d runs have ended%s", ended, len(views), trouble)
}

// summary returns the state, the evaluations and all trouble in one line.
func (v View) summary() string {
	said := fmt.Sprintf("%s · greedy %s", v.StateText(), v.EvaluationText())
	if r := v.Random; r != nil {
		said += fmt.Sprintf(" · at random %.4g ± %.2g", r.Mean, r.SD)
	}
	for _, t := range v.Trouble {
		said += " · " + t
	}
	return said
}
