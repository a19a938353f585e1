package sweep

import (
	"cmp"
	"math"
	"slices"
	"time"

	"engram/sweep/search"
)

// Trial is where a trial stands.
type Trial struct {
	Trial    int            `json:"trial"`
	State    State          `json:"state"`
	Attempts int            `json:"attempts"`
	Counted  int            `json:"counted"` // the attempt of which the rest is told
	Values   map[string]any `json:"values"`
	Value    *float64       `json:"value"` // of a complete trial
	Step     int64          `json:"step"`  // of the last report
	Score    *float64       `json:"score"` // of the last report
	Seconds  float64        `json:"seconds"`
	MemoryMB float64        `json:"memory_mb"`
	Host     string         `json:"host"`
	Reason   string         `json:"reason,omitempty"`
	Began    time.Time      `json:"began"`
	Ended    *time.Time     `json:"ended"`

	point search.Point
	curve search.Curve
}

// Reader reads a study's directory, again and again if wanted, without disturbing those who work in it. It is not safe
// for concurrent use.
type Reader struct {
	Dir   string
	Study Study
	Total int // trials of the whole study

	objective objective
	view      *view
}

// Open opens a study's directory to read.
func Open(dir string) (*Reader, error) {
	s, err := openStudy(dir)
	if err != nil {
		return nil, err
	}
	r := &Reader{Dir: dir, Study: s}
	if _, r.Total, err = s.plan(); err != nil {
		return nil, err
	}
	if r.objective, err = s.Goal.objective(s.Space); err != nil {
		return nil, err
	}
	r.view = newView(dir, s, r.objective)
	return r, r.Refresh()
}

// Refresh reads what is new.
func (r *Reader) Refresh() error { return r.view.refresh() }

// Maximise says whether a larger value is better.
func (r *Reader) Maximise() bool { return r.objective.maximiseValue() }

// Observations are what a sampler may know of the trials, in order.
func (r *Reader) Observations() []search.Observation {
	observations, _ := r.view.history()
	return slices.Clone(observations)
}

// Trials are those that were begun, in order.
func (r *Reader) Trials() ([]Trial, error) {
	trials := make([]Trial, 0, len(r.view.trials))
	for _, t := range r.view.trials {
		shown, err := r.trial(t)
		if err != nil {
			return nil, err
		}
		trials = append(trials, shown)
	}
	return trials, nil
}

func (r *Reader) trial(t *trial) (Trial, error) {
	c := t.counted()
	shown := Trial{Trial: t.number, Attempts: len(t.attempts), Counted: c.claim.Attempt, Values: c.claim.Values,
		Host:  c.claim.Host,
		Began: c.claim.Time, Seconds: c.seconds, point: c.point, curve: t.curve()}
	if n := len(shown.curve); n > 0 {
		last := shown.curve[n-1]
		score := r.view.sign * last.Loss
		shown.Step, shown.Score = last.Step, &score
	}
	if e := c.end; e != nil {
		shown.Value, shown.MemoryMB, shown.Reason, shown.Ended = e.Value, e.MemoryMB, e.Reason, &e.Time
	}
	var err error
	shown.State, err = r.view.standing(t)
	return shown, err
}

// standing is a trial's state, with those that are lost and set aside told from those that run and failed.
func (v *view) standing(t *trial) (State, error) {
	if last := t.last(); t.state() == Running {
		living, err := alive(v.dir, last.claim, v.study.staleAfter())
		if err != nil || living {
			return Running, err
		}
		if err := v.readTrial(t); err != nil { // it may have ended since it was read, and so let its lock go
			return Running, err
		}
		if t.last() != last { // another worker was quicker
			return v.standing(t)
		}
	}
	switch state := t.state(); {
	case (state == Running || state == Failed) &&
		t.misses(v.goal.reached(runsOf(v.dir, t.number))) >= v.study.maxAttempts():
		return Aside, nil
	case state == Running:
		return Lost, nil
	default:
		return state, nil
	}
}

// Best is the complete trial with the best value, of equal ones the earliest; nil where there is none.
func (r *Reader) Best() (*Trial, error) {
	var best *trial
	lowest := math.Inf(1)
	for _, t := range r.view.trials {
		if o, _ := r.view.observe(t); o.State == search.Complete && o.Loss < lowest {
			best, lowest = t, o.Loss
		}
	}
	if best == nil {
		return nil, nil
	}
	shown, err := r.trial(best)
	return &shown, err
}

// bestSoFar are the values of complete trials in the order in which they ended, and the best until each.
func (r *Reader) bestSoFar(trials []Trial) (values, best []float64) {
	done := slices.DeleteFunc(slices.Clone(trials), func(t Trial) bool { return t.Value == nil })
	slices.SortStableFunc(done, func(a, b Trial) int { return cmp.Compare(a.Ended.UnixNano(), b.Ended.UnixNano()) })
	lowest := math.Inf(1)
	for _, t := range done {
		lowest = min(lowest, r.view.value**t.Value)
		values, best = append(values, *t.Value), append(best, r.view.value*lowest)
	}
	return values, best
}
