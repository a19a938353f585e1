package lab

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// TestEarned checks that a finished run records how many trials its agent was trained in and what it earned in them,
// all metrics together.
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
		t.Errorf("it says %d trials that earned %g; its metrics %d and %g", r.About.Trials, r.About.Reward, trials,
			reward)
	}
}

// TestBestCheckpoint checks that the best is that of the largest share, of equal ones the newest, and never one without
// a share.
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
			if err := errors.Join(err, os.MkdirAll(path, 0o755), os.WriteFile(filepath.Join(path, manifestFile), data,
				0o644)); err != nil {
				t.Fatal(err)
			}
			updates = append(updates, int64(i))
		}
		if best, found := bestOf(dir, updates); best != c.best || found != c.found {
			t.Errorf("the best is %d, %t; want %d, %t", best, found, c.best, c.found)
		}
	}
}

// TestShareOfACheckpoint checks that only a checkpoint whose own weights were evaluated says what they earned.
func TestShareOfACheckpoint(t *testing.T) {
	list := jobs(t, t.TempDir(), 1)
	list[0].Config.CheckpointEvery, list[0].Config.EvalEvery = 3, 6
	trainTo(t, backendtest.Open(t, backend.Go), list, 0)
	r, err := Open(list[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	updates, err := r.Checkpoints()
	if err != nil || len(updates) < 3 {
		t.Fatal(updates, err)
	}
	for _, update := range updates {
		m, err := readManifest(checkpointPath(r.Dir, update), update)
		if err != nil || (m.Share != nil) != (update%6 == 0) {
			t.Errorf("the checkpoint of update %d says %v, %v", update, m.Share, err)
		}
	}
}

// TestTimeGoesOn checks that the time of training is counted on over a resume.
func TestTimeGoesOn(t *testing.T) {
	r, list := interruptedRun(t)
	at := filepath.Join(checkpointPath(r.Dir, 6), manifestFile)
	m, err := readManifest(filepath.Dir(at), 6)
	if err != nil {
		t.Fatal(err)
	}
	m.Seconds += 1000
	data, err := m.encode()
	if err := errors.Join(err, os.WriteFile(at, data, 0o644)); err != nil {
		t.Fatal(err)
	}
	trainTo(t, backendtest.Open(t, backend.Go), list, 0)
	timing, err := r.Timing()
	if err != nil || len(timing) == 0 || timing[len(timing)-1].Seconds < 1000 {
		t.Errorf("timing %v, %v", timing, err)
	}
	after, err := Open(r.Dir)
	if err != nil || after.About.Seconds < 1000 {
		t.Errorf("it says %g s, %v", after.About.Seconds, err)
	}
}
