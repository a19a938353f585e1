package lab_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

// TestHint tries results that are good, that nothing ever paid for, and that were better before.
func TestHint(t *testing.T) {
	t.Parallel()
	c := drqntest.Small(t)
	c.EvalEvery, c.CheckpointEvery, c.Updates = 2, 2, 4
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), c)
	write := func(file string, values ...any) {
		t.Helper()
		var lines []byte
		for _, v := range values {
			line, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(append(lines, line...), '\n')
		}
		if err := os.WriteFile(filepath.Join(r.Dir, file), lines, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	evaluated := func(update int64, share float64) drqn.Evaluation {
		return drqn.Evaluation{Task: c.Task, Update: update, Trials: 5, RewardPerTrial: share, ShareOfCeiling: share}
	}
	for name, about := range map[string]struct {
		result    drqn.Evaluation
		exploring float64 // reward per trial while exploring
		best      float64 // share at update 2
		end       float64 // exploration_end
		want      string  // of the hint; empty: none
	}{
		"good":       {evaluated(4, 0.95), 0.5, 1, 0.1, ""},
		"no ceiling": {drqn.Evaluation{Update: 4, NoCeiling: true}, 0, 0, 0.1, ""},
		"never paid": {evaluated(4, 0), 0, 0, 0.1, "no trial has earned anything: perhaps none ever met a reward; " +
			"let it explore more, by --exploration-end 0.4"},
		"fined":             {evaluated(4, -0.1), -0.2, -0.1, 0.4, "by --exploration-fraction 0.3"},
		"paid by exploring": {evaluated(4, 0), 0.01, 0, 0.1, ""},
		"better before": {evaluated(4, 0.5), 0.5, 0.56, 0.1, "the agent of update 2 earned more, 0.560 (56 %): " +
			"'engram eval --run " + r.Dir + " --checkpoint best'"},
		"as good before":     {evaluated(4, 0.5), 0.5, 0.54, 0.1, ""},
		"the same agent":     {evaluated(2, 0.5), 0.5, 0.56, 0.1, ""}, // on other trials
		"paid in the middle": {evaluated(4, 0), 0, 0.01, 0.1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r.About.Result, r.Config.ExplorationEnd = &about.result, about.end
			write("metrics.jsonl", drqn.Metrics{Update: 2}, drqn.Metrics{Update: 4, Trials: 3,
				RewardPerTrial: about.exploring})
			write("evals.jsonl", evaluated(2, about.best), evaluated(4, about.result.ShareOfCeiling))
			hint, err := r.Hint()
			if err != nil || about.want == "" && hint != "" || !strings.Contains(hint, about.want) {
				t.Errorf("hint %q, %v, want %q", hint, err, about.want)
			}
		})
	}
	if hint, err := new(lab.Run).Hint(); hint != "" || err != nil {
		t.Errorf("a run without a result: %q, %v", hint, err)
	}
}
