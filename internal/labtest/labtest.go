// Package labtest trains small runs for tests.
package labtest

import (
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/lab"
)

// Train trains one run with the config on the Go backend, and fails the test if it cannot.
func Train(t testing.TB, dir string, c drqn.Config) *lab.Run {
	t.Helper()
	return TrainAll(t, lab.Job{Dir: dir, Config: c})[0]
}

// TrainAll trains the jobs as one population on the Go backend, and fails the test if it cannot.
func TrainAll(t testing.TB, jobs ...lab.Job) []*lab.Run {
	t.Helper()
	runs, err := lab.Train(t.Context(), jobs, backendtest.Open(t, backend.Go), backend.Go, nil)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}
