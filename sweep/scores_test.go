package sweep

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"engram/drqn"
)

// A trial's score is made of the first evaluation of each seed at an update, in whatever order seeds are evaluated.
func TestScoresOfSeeds(t *testing.T) {
	type told struct {
		member int
		e      drqn.Evaluation
	}
	for name, c := range map[string]struct {
		seeds int
		told  []told
		want  float64
	}{
		"a confirmation": {2, []told{{0, drqn.Evaluation{ShareOfCeiling: 0.9}},
			{0, drqn.Evaluation{ShareOfCeiling: 0.8, Confirmation: true}}, {1, drqn.Evaluation{ShareOfCeiling: 0.1}}},
			0.5},
		"a second look": {2, []told{{0, drqn.Evaluation{ShareOfCeiling: 0.9}},
			{0, drqn.Evaluation{ShareOfCeiling: 0.8}}, {1, drqn.Evaluation{ShareOfCeiling: 0.1}}}, 0.5},
		"another order": {2, []told{{1, drqn.Evaluation{ShareOfCeiling: 0.1}},
			{1, drqn.Evaluation{ShareOfCeiling: 0.8}}, {0, drqn.Evaluation{ShareOfCeiling: 0.9}}}, 0.5},
		"the final one first": {1, []told{{0, drqn.Evaluation{ShareOfCeiling: 0.9, Final: true}},
			{0, drqn.Evaluation{ShareOfCeiling: 0.5}}}, 0.5},
		"a confirmation before": {1, []told{{0, drqn.Evaluation{ShareOfCeiling: 0.9, Confirmation: true}},
			{0, drqn.Evaluation{ShareOfCeiling: 0.5}}}, 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			s := quickTraining(1)
			s.Goal.Seeds = c.seeds
			dir := made(t, s)
			w, attempts := begun(t, dir, 1)
			p := newPack(w.objective.(*training), attempts)
			for _, told := range c.told {
				told.e.Update = 16
				if err := p.Evaluation(told.member, told.e); err != nil {
					t.Fatal(err)
				}
			}
			attempts[0].drop()
			r, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			curve := r.view.trials[0].curve()
			if len(curve) != 1 || math.Abs(-curve[0].Loss-c.want) > 1e-12 {
				t.Errorf("%s: the curve is %v, want %g", name, curve, c.want)
			}
		})
	}
}

// An attempt's seconds add up its share of each stretch: in packs of other sizes, and none while it waits.
func TestSecondsOfStretches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := []*attempt{{}, {}, {}, {}}
		newPack(nil, attempts)
		time.Sleep(8 * time.Second)
		newPack(nil, attempts[:2])
		time.Sleep(4 * time.Second)
		attempts[0].charge(0)
		time.Sleep(time.Hour)
		if got := attempts[0].seconds(); got != 4 {
			t.Errorf("%g s, want 4", got)
		}
		newPack(nil, attempts[:1])
		time.Sleep(time.Second)
		if got := attempts[0].seconds(); got != 5 {
			t.Errorf("%g s, want 5", got)
		}
	})
}

// The time of silence has a floor, and is the locks' own where agents train; an invalid time is refused.
func TestStaleSeconds(t *testing.T) {
	trains, function := quickTraining(1), functionStudy("branin", "random", 1)
	for _, c := range []struct {
		study   Study
		seconds float64
		want    time.Duration
	}{{function, 0, time.Minute}, {function, 1e-9, time.Second}, {function, 90, 90 * time.Second}, {trains, 0,
		2 * time.Minute}, {trains, 1, 2 * time.Minute}, {trains, 300, 5 * time.Minute}} {
		c.study.StaleSeconds = c.seconds
		if got := c.study.staleAfter(); got != c.want || c.study.filled().Check() != nil {
			t.Errorf("%s, %g: %s, want %s; %v", c.study.Goal.Kind, c.seconds, got, c.want, c.study.filled().Check())
		}
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 1e10} {
		s, m := function, function
		s.StaleSeconds, m.Minutes = bad, bad
		if s.filled().Check() == nil || m.filled().Check() == nil {
			t.Errorf("%g is taken", bad)
		}
	}
}
