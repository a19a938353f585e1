package sweep

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"engram/internal/lock"
	"engram/sweep/search"
)

// claim claims up to n trials for this worker: first those that others left unfinished, then new ones.
func (w *worker) claim(n int) ([]*attempt, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var attempts []*attempt
	for len(attempts) < n {
		done := w.turn()
		began := time.Now()
		err := w.view.refresh()
		var a *attempt
		if err == nil {
			a, err = w.claimOne(began)
		}
		done()
		switch {
		case errors.Is(err, errTaken): // another worker was quicker: look again
		case err != nil && len(attempts) == 0:
			return nil, err
		case a == nil: // none is left, or an error, which the next call returns
			return attempts, nil
		default:
			w.held[a] = true
			attempts = append(attempts, a)
		}
	}
	return attempts, nil
}

// turnWait bounds the time that a worker waits for its turn.
const turnWait = 250 * time.Millisecond

// turn serialises suggestions on this machine, so that workers do not all make one for the same trial. Call done after
// the claim. It is best-effort: without flock, or after turnWait, only time is lost.
func (w *worker) turn() (done func()) {
	if !w.sampler.Uses() {
		return func() {}
	}
	lock := flock.New(filepath.Join(w.dir, studyFile))
	ctx, cancel := context.WithTimeout(context.Background(), turnWait)
	defer cancel()
	_, _ = lock.TryLockContext(ctx, time.Millisecond)
	return func() { lock.Close() }
}

// claimOne claims one trial; nil: none is left. began is when the search for it began, from which its suggestion is
// timed.
func (w *worker) claimOne(began time.Time) (*attempt, error) {
	for _, number := range sortedTrials(w.view.open) {
		t := w.view.open[number]
		free, err := w.view.free(t, w.options.RetryFailed)
		if err != nil {
			return nil, err
		}
		if free && !w.busy[number] {
			a, err := w.take(line{Trial: number, Attempt: len(t.attempts) + 1, Values: t.last().claim.Values},
				t.last().point)
			if err == nil {
				a.dead = t.deadHere()
			}
			return a, err
		}
	}
	next := len(w.view.trials)
	if next >= w.total {
		return nil, nil
	}
	l := line{Trial: next, Attempt: 1}
	var history []search.Observation
	if w.sampler.Uses() {
		history, l.Seen = w.view.history()
	}
	point, err := w.sampler.Suggest(next, history)
	if err != nil {
		return nil, fmt.Errorf("trial %d: %w", next, err)
	}
	l.Values = w.study.Space.Values(point)
	l.SuggestMS = float64(time.Since(began).Microseconds()) / 1000
	return w.take(l, point)
}

// free reports whether a trial waits for another attempt.
func (v *view) free(t *trial, retryFailed bool) (bool, error) {
	state, err := v.standing(t)
	return state == Lost || state == Interrupted || state == Failed && retryFailed, err
}

// take claims a trial by making the file of its attempt. The error is errTaken where another worker was quicker.
func (w *worker) take(l line, point search.Point) (*attempt, error) {
	self := lock.Self()
	l.Event, l.Time, l.Host, l.Machine = eventClaim, now(), w.host, lock.Boot()
	l.PID, l.Namespace, l.Started = self.PID, self.Namespace, self.Started
	runs := RunsOf(w.dir, l.Trial)
	l.From = w.objective.reached(runs)
	file, err := claimFile(w.dir, l)
	if err != nil {
		return nil, err
	}
	return &attempt{trial: l.Trial, number: l.Attempt, point: point, runs: runs, worker: w, writer: file}, nil
}

// RunsOf returns the directory of a trial's runs in the directory of its study.
func RunsOf(dir string, trial int) string {
	return filepath.Join(dir, runsDir, fmt.Sprintf("%06d", trial))
}
