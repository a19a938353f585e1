// Package suitetest trains small suites for tests of packages above suite.
package suitetest

import (
	"path/filepath"
	"testing"

	"engram/drqn"
	"engram/lab"
	"engram/suite"
)

// Train trains each run of a plan in a moment, by train such as labtest.Train, and returns the suite's directory. It
// gives the plan its preset and settings.
func Train(t testing.TB, p suite.Plan, train func(testing.TB, string, drqn.Config) *lab.Run) (dir string) {
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
		train(t, filepath.Join(dir, a.String()), a.Config)
	}
	return dir
}
