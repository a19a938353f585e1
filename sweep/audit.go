package sweep

import (
	"errors"
	"fmt"

	"engram/sweep/search"
)

// Audit repeats every suggestion from the study's seed and the history that the trial's claim names, and returns the
// number of trials. The error names the first trial that tried other values than that, or whose attempts differ.
func (r *Reader) Audit() (int, error) {
	sampler, _, err := r.Study.plan()
	if err != nil {
		return 0, err
	}
	for _, t := range r.view.trials {
		if err := r.auditTrial(t, sampler); err != nil {
			return 0, fmt.Errorf("study %s, trial %d: %w", r.Dir, t.number, err)
		}
	}
	return len(r.view.trials), nil
}

func (r *Reader) auditTrial(t *trial, sampler search.Sampler) error {
	first := t.attempts[0]
	for i, a := range t.attempts {
		if a.claim.Trial != t.number || a.claim.Attempt != i+1 {
			return fmt.Errorf("the file of attempt %d is of trial %d, attempt %d", i+1, a.claim.Trial, a.claim.Attempt)
		}
		if !a.point.Equal(first.point) {
			return fmt.Errorf("attempt %d tried %s, and the first %s", i+1, r.Study.Space.Text(a.point),
				r.Study.Space.Text(first.point))
		}
	}
	var seen []search.Observation
	// Studies of earlier versions name no history where the sampler is not tpe: it used none.
	if sampler.Uses() && (first.claim.Seen != nil || r.Study.Sampler.Kind == "tpe") {
		if first.claim.Seen == nil {
			return errors.New("its first claim names no history that it was suggested from")
		}
		var err error
		if seen, err = r.view.recall(first.claim.Seen); err != nil {
			return err
		}
	}
	again, err := sampler.Suggest(t.number, seen)
	if err != nil {
		return err
	}
	if !again.Equal(first.point) {
		return fmt.Errorf("it tried %s, and its history suggests %s", r.Study.Space.Text(first.point),
			r.Study.Space.Text(again))
	}
	return nil
}
