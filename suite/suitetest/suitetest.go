// Package suitetest trains small suites for tests of packages above suite.
package suitetest

import (
	"path/filepath"
	"testing"

	"engram/internal/labtest"
	"engram/suite"
)

// Train trains each run of a plan in a moment, on the Go backend, and returns the suite's directory. It gives the plan
// its preset and settings.
func Train(t testing.TB, p suite.Plan) (dir string) {
	t.Helper()
	p.Preset, p.Set = "default", map[string]string{"updates": "12", "update_every": "4", "hidden": "6", "readout": "0",
		"input_size": "4", "batch": "4", "learn_after": "40", "metrics_every": "3", "eval_every": "6",
		"eval_trials": "5"}
	dir = filepath.Join(t.TempDir(), "suite")
	if err := suite.Create(dir, p); err != nil {
		t.Fatal(err)
	}
	assignments, err := p.Assignments()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range assignments {
		labtest.Train(t, filepath.Join(dir, a.String()), a.Config)
	}
	return dir
}
