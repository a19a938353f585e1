package cmd

import (
	"testing"

	"engram/drqn"
	"engram/lab/watch"
	"engram/tasks"
)

// The list of runs has beside a return what acting at random earns, where the run has measured it.
func TestRunsAtRandom(t *testing.T) {
	t.Parallel()
	e := drqn.Evaluation{RewardPerTrial: 187.2, ReturnSD: new(9.1), Episodes: 100, NoCeiling: true}
	for want, random := range map[string]*tasks.Returns{"187.2 ± 9.1": nil,
		"187.2 ± 9.1, at random 22.68": {Mean: 22.68}} {
		rows := runsTable([]watch.View{{Best: &e, Random: random}}).Rows
		if len(rows) != 1 || rows[0][6] != want {
			t.Errorf("%q, want %q", rows, want)
		}
	}
}
