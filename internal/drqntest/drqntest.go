// Package drqntest holds helpers that the tests of packages above drqn share.
package drqntest

import (
	"testing"

	"engram/drqn"
)

// Small returns a config that trains in a moment: 12 updates, a report every 3, an evaluation every 6.
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
