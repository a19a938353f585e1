package lab

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestEarned: a finished run says how many trials its agent was trained in and what it earned in them, all metrics
// together.
func TestEarned(t *testing.T) {
	r := train(t, filepath.Join(t.TempDir(), "run"))
	metrics, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	trials, reward := int64(0), 0.0
	for _, m := range metrics {
		trials, reward = trials+m.Trials, reward+float64(m.Trials)*m.RewardPerTrial
	}
	if trials == metrics[len(metrics)-1].Trials || r.About.Trials != trials || math.Abs(r.About.Reward-reward) > 1e-9 {
		t.Errorf("it says %d trials that earned %g; its metrics %d and %g", r.About.Trials, r.About.Reward, trials, reward)
	}
}

// TestBestCheckpoint: it is that of the largest share, of equal ones the newest, and one without a share never.
func TestBestCheckpoint(t *testing.T) {
	share := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		shares []*float64 // of the updates 0, 1, 2, ...
		best   int64
		found  bool
	}{
		{[]*float64{share(0.2), share(0.5), share(0.5), share(0.4)}, 2, true},
		{[]*float64{nil, share(-1), nil}, 1, true},
		{[]*float64{nil, nil}, -1, false},
	} {
		dir := t.TempDir()
		var updates []int64
		for i, s := range c.shares {
			m := Manifest{Format: formatState, Update: int64(i), Share: s, Files: map[string]string{}}
			for _, name := range stateFiles {
				m.Files[name] = "x"
			}
			data, err := m.encode()
			path := checkpointPath(dir, int64(i))
			if err := errors.Join(err, os.MkdirAll(path, 0o755), os.WriteFile(filepath.Join(path, manifestFile), data, 0o644)); err != nil {
				t.Fatal(err)
			}
			updates = append(updates, int64(i))
		}
		if best, found := bestOf(dir, updates); best != c.best || found != c.found {
			t.Errorf("the best is %d, %t; want %d, %t", best, found, c.best, c.found)
		}
	}
}
