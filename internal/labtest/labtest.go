// Package labtest trains small runs for tests.
package labtest

import (
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/lab"
)

// Small is a config that trains in a moment: 12 updates, a report every 3, an evaluation every 6.
func Small(t testing.TB) drqn.Config {
	t.Helper()
	c, err := drqn.Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	c.Task, c.Hidden, c.InputSize, c.Batch = "GoNogo", 6, 4, 4
	c.Updates, c.LearnAfter, c.MetricsEvery, c.EvalEvery, c.EvalTrials = 12, 40, 3, 6, 5
	return c
}

// Train trains a run.
func Train(t testing.TB, dir string, c drqn.Config) *lab.Run {
	t.Helper()
	return TrainAll(t, lab.Job{Dir: dir, Config: c})[0]
}

// TrainAll trains the jobs together, on the Go backend.
func TrainAll(t testing.TB, jobs ...lab.Job) []*lab.Run {
	t.Helper()
	runs, err := lab.Train(t.Context(), jobs, backendtest.Open(t, backend.Go), backend.Go, nil)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}
