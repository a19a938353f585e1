package compare

import (
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/tasks"
)

// steps is an environment without trials: each step pays, and an episode has so many.
type steps struct {
	Steps int `json:"steps"`

	at int
}

func (s *steps) Spec() tasks.Spec {
	return tasks.Spec{Name: "steps", Observations: []string{"one"}, Actions: []string{"a", "b"}}
}

func (s *steps) Reset(uint64) ([]float32, error) {
	s.at = 0
	return []float32{1}, nil
}

func (s *steps) Step(int) (tasks.Step, error) {
	s.at++
	return tasks.Step{Observation: []float32{1}, Reward: 1, Terminated: s.at >= s.Steps}, nil
}

// TestEvaluateWith compares the words about an environment without trials with those about a task.
func TestEvaluateWith(t *testing.T) {
	t.Parallel()
	if err := tasks.RegisterEnvironment("steps", func() tasks.Env { return &steps{Steps: 4} }); err != nil {
		t.Fatal(err)
	}
	general, err := drqn.Preset("general")
	if err == nil {
		general, err = drqn.Assemble(general, map[string]string{"task": "steps", "hidden": "4", "input_size": "3",
			"readout": "0", "updates": "2", "batch": "2", "window": "3", "learn_after": "20", "eval_every": "0"})
	}
	if err != nil {
		t.Fatal(err)
	}
	run := labtest.Train(t, filepath.Join(t.TempDir(), "run"), general)
	text := func(run *lab.Run, options ...string) (line, table string) {
		t.Helper()
		trials, err := run.FinalTrials()
		if err != nil {
			t.Fatal(err)
		}
		all, err := EvaluateWith(t.Context(), run, "last", options, trials, 1)
		if err != nil {
			t.Fatal(err)
		}
		rows := []string{strings.Join(EvaluatedTable(all).Header, "|")}
		for _, row := range EvaluatedTable(all).Rows {
			rows = append(rows, strings.Join(row, "|"))
		}
		return all[0].String(), strings.Join(rows, "\n")
	}
	line, table := text(run, `{"steps":4}`, `{"steps":9}`)
	want := `steps with {"steps":4}: 4.000 an episode (standard deviation 0) over 100 episodes (seed 1)`
	if line != want {
		t.Errorf("the line is %q, want %q", line, want)
	}
	want = "task options|an episode|standard deviation\n{\"steps\":4}|4.000|0\n{\"steps\":9}|9.000|0"
	if table != want {
		t.Errorf("the table is\n%s\nwant\n%s", table, want)
	}
	line, table = text(labtest.Train(t, filepath.Join(t.TempDir(), "task"), drqntest.Small(t)))
	for _, want := range []string{"GoNogo: ", " a trial over 2000 trials, ", " % of the ceiling, ",
		" % correct (seed 1)"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %q", want, line)
		}
	}
	if want := "task options|a trial|of the ceiling|correct\n"; !strings.HasPrefix(table, want) {
		t.Errorf("the table is\n%s", table)
	}
	if _, err := Evaluate(t.Context(), "steps", []float64{4}, 10, 1, run.Dir); err == nil ||
		!strings.Contains(err.Error(), "steps has no trials to be answered: use") {
		t.Errorf("over an option: %v", err)
	}
}

// TestPlaces tells apart what the first trials of sessions earn, where there are sessions.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, about := range []struct {
		episode drqn.Episode
		limit   int
		has     bool
	}{{drqn.EpisodeSession, 100, true}, {drqn.EpisodeSession, 0, false}, {drqn.EpisodeTrial, 100, false}} {
		episode, has := about.episode, about.has
		c := drqntest.Small(t)
		c.Episode, c.TimeLimit = episode, about.limit
		c, err := c.WithoutUnused()
		if err != nil {
			t.Fatal(err)
		}
		run := labtest.Train(t, filepath.Join(t.TempDir(), "run"), c)
		all, err := EvaluateWith(t.Context(), run, "last", nil, 200, 1)
		if err != nil {
			t.Fatal(err)
		}
		trials := 0
		for _, p := range all[0].Places {
			trials += p.Trials
		}
		if has != (trials == 200) || has == (all[0].Places == nil) ||
			has != strings.Contains(all[0].String(), "; the first trials of a session earn ") {
			t.Errorf("%s episodes: %d trials with a place, %s", episode, trials, all[0])
		}
	}
}
