package sweep

import (
	"errors"
	"slices"
	"testing"

	"engram/drqn"
	"engram/lab"
	"engram/sweep/search"
)

// TestACurveOverAttempts checks that what an attempt reports again replaces its predecessors' reports from that step
// on.
func TestACurveOverAttempts(t *testing.T) {
	curve := func(pairs ...float64) (c search.Curve) {
		for i := 0; i < len(pairs); i += 2 {
			c = append(c, search.Report{Step: int64(pairs[i]), Loss: pairs[i+1]})
		}
		return c
	}
	for _, c := range []struct{ first, second, third, want search.Curve }{
		{curve(1, 10, 2, 20, 3, 30), curve(3, 31, 4, 41), nil, curve(1, 10, 2, 20, 3, 31, 4, 41)},
		{curve(1, 10, 2, 20, 3, 30), curve(1, 11), nil, curve(1, 11)},
		{curve(1, 10, 2, 20), curve(3, 30), curve(2, 22), curve(1, 10, 2, 22)},
		{curve(1, 10), nil, curve(2, 20), curve(1, 10, 2, 20)},
		{nil, curve(1, 10), nil, curve(1, 10)},
	} {
		trial := &trial{attempts: []*record{{curve: c.first}, {curve: c.second}, {curve: c.third}}}
		if got := trial.curve(); !slices.Equal(got, c.want) {
			t.Errorf("%v, %v, %v give %v, want %v", c.first, c.second, c.third, got, c.want)
		}
	}
}

// TestWhatASamplerIsTold checks that a sampler gets, of pruned trials, their last step and loss there, of complete ones
// the value, and of those without a value that they failed.
func TestWhatASamplerIsTold(t *testing.T) {
	s := functionStudy("branin", "random", 3)
	dir := made(t, s)
	w, err := newWorker(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(3)
	if err != nil {
		t.Fatal(err)
	}
	for i, ended := range []error{nil, ErrPruned, errInfeasible} {
		a := attempts[i]
		if err := errors.Join(a.record(1, 7), a.record(3, 5), a.finish(2, ended)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	told := r.Observations()
	if told[0].State != search.Complete || told[0].Loss != 2 {
		t.Errorf("of a complete trial: %+v", told[0])
	}
	if told[1].State != search.Pruned || told[1].Loss != 5 || told[1].Step != 3 {
		t.Errorf("of a pruned trial: %+v", told[1])
	}
	if told[2].State != search.Failed {
		t.Errorf("of an infeasible trial: %+v", told[2])
	}
}

// TestSeedsCountByTheirInterquartileMean checks that the middle half of the seeds 0, 1, 2, 97 is 1 and 2, for a report
// and for the value.
func TestSeedsCountByTheirInterquartileMean(t *testing.T) {
	shares := []float64{0, 1, 97, 2}
	s := quickTraining(1)
	s.Goal.Seeds = len(shares)
	p, attempts := packOf(t, s, 1)
	var runs []*lab.Run
	for member, share := range shares {
		if err := p.Evaluation(member, drqn.Evaluation{Update: 8, ShareOfCeiling: share}); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, &lab.Run{About: lab.About{Result: &drqn.Evaluation{ShareOfCeiling: share}}})
	}
	r, err := Open(attempts[0].worker.dir)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.view.trials[0].curve(); len(c) != 1 || c[0].Loss != -1.5 {
		t.Errorf("reported: %v, want 1.5", c)
	}
	if value, err := p.training.value(runs); err != nil || value != 1.5 {
		t.Errorf("the value is %g, %v, want 1.5", value, err)
	}
}
