package cmd

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// The evaluation of a run whose trials belong together compares the regret of the agent with those of
// the policies that learn within a session, on one line, in JSON and, over several options, in a table.
func TestEvalRegret(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	train := "train --quiet --run " + dir + " " + strings.Replace(small, "GoNogo", "TwoArmedBandit", 1)
	ok(t, append(strings.Fields(train), "--task-options", `{"trials":12}`)...)
	args := "eval --trials 240 --run " + dir
	if out := ok(t, strings.Fields(args)...); strings.Count(out, "\n") != 1 ||
		!strings.Contains(out, "; regret of a session of 12 trials: agent, greedy ") ||
		!strings.Contains(out, "random ") {
		t.Errorf("it prints %q", out)
	}
	text := hasFields(t, args+" --json", "regret sessions regrets.[].policy regrets.[].regret_sd")
	var got struct {
		Regret   float64 `json:"regret"`
		Sessions int     `json:"sessions"`
		Regrets  []struct {
			Policy string    `json:"policy"`
			Regret float64   `json:"regret"`
			Curve  []float64 `json:"curve"`
		} `json:"regrets"`
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Regrets) != 5 || got.Sessions != 20 ||
		got.Regrets[0].Regret != got.Regret || len(got.Regrets[4].Curve) != 12 {
		t.Errorf("%+v, %v", got, err)
	}
	table := ok(t, append(strings.Fields(args), "--task-options", `{"trials":6}`, "--task-options", `{"trials":8}`)...)
	if !strings.Contains(table, "regret of a session") || strings.Count(table, "\n") != 3 {
		t.Errorf("it prints\n%s", table)
	}
}
