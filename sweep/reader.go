package sweep

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"engram/drqn"
	"engram/internal/plain"
	"engram/sweep/search"
)

// Trial is the state of a trial: one point of the space, and the result of its attempts.
type Trial struct {
	Trial    int            `json:"trial"`
	State    State          `json:"state"`
	Attempts int            `json:"attempts"`
	Counted  int            `json:"counted"` // the attempt that the rest is taken from
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

	Point search.Point `json:"-"` // Values, as the space has them
	// Curve holds the reports of all attempts as losses: scores, negated where a larger one is better.
	Curve search.Curve `json:"-"`
}

// Reader reads a study's directory, as often as wanted, without disturbing its workers. It is not safe for concurrent
// use.
type Reader struct {
	Dir   string
	Study Study
	Total int // trials of the whole study

	objective objective
	view      *view
}

// Open opens a study's directory for reading.
func Open(dir string) (*Reader, error) {
	s, err := viewStudy(dir)
	if err != nil {
		return nil, err
	}
	r := &Reader{Dir: dir, Study: s}
	if _, r.Total, err = s.plan(); err != nil {
		return nil, err
	}
	if r.objective, err = s.Goal.objective(s.Space, nil); err != nil {
		return nil, err
	}
	r.view = newView(dir, s, r.objective)
	return r, r.Refresh()
}

// Refresh reads what was written since the last call.
func (r *Reader) Refresh() error { return r.view.refresh() }

// Measures returns what the study's values and scores are.
func (r *Reader) Measures() Measures { return r.objective.measures() }

// BestConfig returns, as JSON, what the best trial was carried out with: a config for 'engram train --config', or the
// parameters of a function.
func (r *Reader) BestConfig() ([]byte, error) {
	best, err := r.Best()
	if err != nil {
		return nil, err
	}
	if best == nil {
		return nil, fmt.Errorf("study %s has no complete trial yet: 'engram sweep status %s' says how far it is", r.Dir,
			plain.Path(r.Dir))
	}
	var value any = best.Values
	if r.Measures().Trains {
		if value, err = r.Config(*best); err != nil {
			return nil, err
		}
	}
	return json.MarshalIndent(value, "", "  ")
}

// Config returns the config of a trial's first agent; an error where the goal trains none.
func (r *Reader) Config(t Trial) (drqn.Config, error) {
	if trained, ok := r.objective.(*training); ok { // its run describes an environment of Python
		trained.described([]search.Point{t.Point}, filepath.Join(r.Dir, runsDir))
	}
	c, err := r.objective.config(t.Point, 0)
	if err != nil {
		err = fmt.Errorf("study %s: %w", r.Dir, err)
	}
	return c, err
}

// Observations returns what a sampler may know of the trials, in order of their numbers.
func (r *Reader) Observations() []search.Observation {
	observations, _ := r.view.history()
	return slices.Clone(observations)
}

// Trials returns the trials that were begun, in order of their numbers.
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
		Began: c.claim.Time, Seconds: c.seconds, Point: c.point, Curve: t.curve()}
	if n := len(shown.Curve); n > 0 {
		last := shown.Curve[n-1]
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

// standing returns a trial's state: as state does, but it tells lost trials from running ones and those that are set
// aside from those that failed.
func (v *view) standing(t *trial) (State, error) {
	if last := t.last(); t.state() == Running {
		living, err := alive(v.dir, last.claim, v.study.staleAfter())
		if err != nil || living {
			return Running, err
		}
		if err := v.readTrial(t); err != nil { // it may have ended since it was read, which frees its lock
			return Running, err
		}
		if t.last() != last { // another worker was quicker
			return v.standing(t)
		}
	}
	switch state := t.state(); {
	case (state == Running || state == Failed) &&
		t.misses(v.goal.reached(RunsOf(v.dir, t.number))) >= v.study.maxAttempts():
		return Aside, nil
	case state == Running:
		return Lost, nil
	default:
		return state, nil
	}
}

// Best returns the complete trial with the best value, the earliest of equal ones; nil where none is complete.
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
