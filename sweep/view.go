package sweep

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	"engram/sweep/search"
)

// view is what one process has read of a study's directory. A refresh reads only what files have grown by, so that a
// look at 10,000 trials costs as much as the running ones do. It is not safe for concurrent use.
type view struct {
	dir    string
	study  Study
	goal   objective
	sign   float64 // a loss is sign times a score
	value  float64 // a loss is value times a value
	trials []*trial
	open   map[int]*trial // those that are not settled

	// What a sampler may know of each trial, and the attempt that it comes from; for open trials as of the last
	// history.
	told  []search.Observation
	named []ended
}

// trial is what was read of a trial.
type trial struct {
	number   int
	attempts []*record // from the first
}

func newView(dir string, s Study, o objective) *view {
	v := &view{dir: dir, study: s, goal: o, sign: 1, value: 1, open: map[int]*trial{}}
	m := o.measures()
	if m.MaximiseScore {
		v.sign = -1
	}
	if m.MaximiseValue {
		v.value = -1
	}
	return v
}

// refresh reads new lines of running attempts, new attempts and new trials.
func (v *view) refresh() error {
	for number, t := range v.open {
		if err := v.readTrial(t); err != nil {
			return err
		}
		if t.state().settles() {
			v.note(t)
			delete(v.open, number)
		}
	}
	for {
		t := &trial{number: len(v.trials)}
		if err := v.readTrial(t); err != nil {
			return err
		}
		if len(t.attempts) == 0 {
			return nil
		}
		v.trials, v.told, v.named = append(v.trials, t), append(v.told, search.Observation{}), append(v.named, ended{})
		v.note(t)
		if !t.state().settles() {
			v.open[t.number] = t
		}
	}
}

// readTrial reads new lines and new attempts of a trial.
func (v *view) readTrial(t *trial) error {
	for _, r := range t.attempts {
		if r.end == nil {
			if err := v.read(r); err != nil {
				return err
			}
		}
	}
	for {
		r := &record{}
		r.lines.Path = filepath.Join(v.dir, attemptsDir, attemptFile(t.number, len(t.attempts)+1))
		err := v.read(r)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		t.attempts = append(t.attempts, r)
	}
}

// read reads new lines of an attempt's file.
func (v *view) read(r *record) (err error) {
	reading := r.lines.Next(nil, func(l line) { err = errors.Join(err, v.add(r, l)) })
	switch {
	case reading != nil:
		return reading
	case err != nil:
		return fmt.Errorf("%s: %w", r.lines.Path, err)
	case r.point == nil:
		return fmt.Errorf("%s does not begin with a claim: remove it, so that the attempt is made again", r.lines.Path)
	}
	return nil
}

// add applies one line to an attempt.
func (v *view) add(r *record, l line) (err error) {
	r.last = l.Time
	switch l.Event {
	case eventClaim:
		r.claim = l
		r.point, err = v.study.Space.Point(l.Values)
	case eventReport:
		if l.Score == nil {
			return fmt.Errorf("the report of step %d has no score", l.Step)
		}
		r.curve = append(r.curve, search.Report{Step: l.Step, Loss: v.sign * *l.Score})
		r.seconds = l.Seconds
	case eventEnd:
		if l.State == Complete && l.Value == nil {
			return errors.New("the end of a complete attempt has no value")
		}
		r.end, r.seconds = &l, l.Seconds
	case eventBeat:
	default:
		return fmt.Errorf("event %q is unknown", l.Event)
	}
	return err
}

// last returns the latest attempt.
func (t *trial) last() *record { return t.attempts[len(t.attempts)-1] }

// counted returns the attempt that counts: the first that settled the trial, otherwise the latest.
func (t *trial) counted() *record {
	for _, r := range t.attempts {
		if r.end != nil && r.end.State.settles() {
			return r
		}
	}
	return t.last()
}

// state returns how the counted attempt ended; Running where it has not.
func (t *trial) state() State {
	if end := t.counted().end; end != nil {
		return end.State
	}
	return Running
}

// misses returns the number of attempts that failed, or were lost without a later checkpoint than all before. next is
// the step of the checkpoint that the next attempt would resume from. The last attempt counts as lost where it has no
// end.
func (t *trial) misses(next int64) (n int) {
	reached := int64(0)
	for i, r := range t.attempts {
		reached = max(reached, r.claim.From)
		after := next
		if i < len(t.attempts)-1 {
			after = t.attempts[i+1].claim.From
		}
		if r.end == nil && after <= reached || r.end != nil && r.end.State == Failed {
			n++
		}
	}
	return n
}

// observe returns what a sampler may know of a trial now, and the attempt that it comes from.
func (v *view) observe(t *trial) (search.Observation, ended) {
	r := t.counted()
	return v.observation(t, r), ended{t.number, r.claim.Attempt}
}

// observation returns what an attempt tells of its trial. An interrupted or lost one is pending, because it is resumed.
func (v *view) observation(t *trial, r *record) search.Observation {
	o := search.Observation{Trial: t.number, Point: r.point, State: search.Pending, Loss: math.NaN()}
	if r.end == nil || r.end.State == Interrupted {
		return o
	}
	switch r.end.State {
	case Complete:
		o.State, o.Loss = search.Complete, v.value**r.end.Value
	case Pruned:
		o.State, o.Step = search.Pruned, r.end.Step
		if n := len(r.curve); n > 0 {
			o.Loss = r.curve[n-1].Loss
		}
	default:
		o.State = search.Failed
	}
	return o
}

// note updates what samplers may know of a trial.
func (v *view) note(t *trial) { v.told[t.number], v.named[t.number] = v.observe(t) }

// history returns what a sampler may know of all trials, valid until the next call, and its name. It looks at open
// trials only, so that 10,000 settled ones cost nothing.
func (v *view) history() ([]search.Observation, *Seen) {
	for _, t := range v.open {
		v.note(t)
	}
	done, pending := make([]ended, 0, len(v.trials)), []ended(nil)
	for i, o := range v.told {
		if o.State == search.Pending {
			pending = append(pending, ended{o.Trial, 1})
		} else {
			done = append(done, v.named[i])
		}
	}
	return v.told, &Seen{ranges(done), ranges(pending)}
}

// recall returns the history of a name: the observations that a suggestion was made from, whatever happened since.
func (v *view) recall(s *Seen) ([]search.Observation, error) {
	done, err := parseRanges(s.Ended)
	if err != nil {
		return nil, err
	}
	pending, err := parseRanges(s.Pending)
	if err != nil {
		return nil, err
	}
	var observations []search.Observation
	for _, e := range append(done, pending...) {
		if e.trial >= len(v.trials) || e.attempt > len(v.trials[e.trial].attempts) {
			return nil, fmt.Errorf("trial %d, attempt %d is missing", e.trial, e.attempt)
		}
		t := v.trials[e.trial]
		observations = append(observations, v.observation(t, t.attempts[e.attempt-1]))
	}
	for i := range pending {
		o := &observations[len(done)+i]
		o.State, o.Loss, o.Step = search.Pending, math.NaN(), 0
	}
	slices.SortFunc(observations, func(a, b search.Observation) int { return cmp.Compare(a.Trial, b.Trial) })
	return observations, nil
}

// curve returns the reports of a trial over its attempts: an attempt that resumes from a checkpoint replaces earlier
// reports from its first step on.
func (t *trial) curve() search.Curve {
	whole := t.attempts[0].curve
	for _, r := range t.attempts[1:] {
		if len(r.curve) == 0 {
			continue
		}
		kept := slices.IndexFunc(whole, func(before search.Report) bool { return before.Step >= r.curve[0].Step })
		if kept < 0 {
			kept = len(whole)
		}
		whole = append(whole[:kept:kept], r.curve...)
	}
	return whole
}

// curves returns the curves of all trials except one.
func (v *view) curves(but int) []search.Curve {
	var curves []search.Curve
	for _, t := range v.trials {
		if c := t.curve(); t.number != but && len(c) > 0 {
			curves = append(curves, c)
		}
	}
	return curves
}
