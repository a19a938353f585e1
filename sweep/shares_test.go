package sweep

import (
	"slices"
	"testing"

	"engram/drqn"
)

// packOf claims n trials and makes them a pack.
func packOf(t *testing.T, s Study, n int) (*pack, []*attempt) {
	t.Helper()
	w, err := newWorker(made(t, s), goBackend)
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, a := range attempts {
			a.drop()
		}
	})
	return newPack(w.objective.(*training), attempts), attempts
}

// TestAScoreIsItsSeeds checks that, in whatever order the members of a pack are evaluated, and evaluated again, a
// seed's score is its first of an update.
func TestAScoreIsItsSeeds(t *testing.T) {
	type told struct {
		member int
		share  float64
	}
	for name, order := range map[string][]told{
		"confirmed at once":      {{0, 0.96}, {0, 0.97}, {1, 0.10}, {2, 0.30}, {3, 0.20}, {3, 0.99}},
		"confirmed at the end":   {{0, 0.96}, {1, 0.10}, {2, 0.30}, {3, 0.20}, {0, 0.5}, {3, 0.6}},
		"from the last on":       {{3, 0.20}, {2, 0.30}, {2, 0.31}, {1, 0.10}, {1, 0.11}, {0, 0.96}},
		"seeds after each other": {{0, 0.96}, {2, 0.30}, {2, 0.99}, {1, 0.10}, {3, 0.20}},
	} {
		t.Run(name, func(t *testing.T) {
			s := quickTraining(2)
			s.Goal.Seeds = 2
			p, attempts := packOf(t, s, 2)
			for _, update := range []int64{8, 16} {
				for _, e := range order {
					err := p.Evaluation(e.member, drqn.Evaluation{Update: update, ShareOfCeiling: e.share})
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			r, err := Open(attempts[0].worker.dir)
			if err != nil {
				t.Fatal(err)
			}
			for trial, want := range []float64{(0.96 + 0.10) / 2, (0.30 + 0.20) / 2} {
				c := r.view.trials[trial].curve()
				if len(c) != 2 || -c[0].Loss != want || -c[1].Loss != want {
					t.Errorf("%s: trial %d reports %v, want %g twice", name, trial, c, want)
				}
			}
			if !slices.Equal(p.scores[1], []float64{0.30, 0.20}) {
				t.Errorf("%s: scores %v", name, p.scores)
			}
		})
	}
}
