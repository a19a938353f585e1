package sweep

import (
	"cmp"
	"slices"
	"time"
)

// cost returns the seconds of all attempts together, by their last reports; in a pack, each counts its share.
func (r *Reader) cost() (seconds float64) {
	for _, t := range r.view.trials {
		for _, a := range t.attempts {
			seconds += a.seconds
		}
	}
	return seconds
}

// left estimates the seconds until all trials are settled, from the time in which any worker was active and the share
// of the study that is done. ok is false before anything is done.
func (r *Reader) left() (seconds float64, ok bool) {
	done := 0.0
	for _, t := range r.view.trials {
		done += r.progress(t)
	}
	if done == 0 {
		return 0, false
	}
	return r.active().Seconds() * (float64(r.Total)/done - 1), true
}

// progress returns the share of a trial that is done, 0 to 1.
func (r *Reader) progress(t *trial) float64 {
	if t.state().settles() {
		return 1
	}
	curve, whole := t.curve(), r.objective.steps(t.last().point)
	if len(curve) == 0 || whole == 0 {
		return 0
	}
	return min(1, float64(curve[len(curve)-1].Step)/float64(whole))
}

// active returns the time in which at least one attempt ran, each from its claim to its last line.
func (r *Reader) active() (sum time.Duration) {
	var attempts []*record
	for _, t := range r.view.trials {
		attempts = append(attempts, t.attempts...)
	}
	slices.SortFunc(attempts, func(a, b *record) int {
		return cmp.Compare(a.claim.Time.UnixNano(),
			b.claim.Time.UnixNano())
	})
	var until time.Time
	for _, a := range attempts {
		from := a.claim.Time
		if from.Before(until) {
			from = until
		}
		if a.last.After(from) {
			sum, until = sum+a.last.Sub(from), a.last
		}
	}
	return sum
}
