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

// TestReadReturns reads runs of an environment without a ceiling: what they earn stands in a chart and a table of its
// own beside the shares of others.
func TestReadReturns(t *testing.T) {
	t.Parallel()
	run, task := stepsRun(t), labtest.Train(t, filepath.Join(t.TempDir(), "task"), drqntest.Small(t))
	curves, err := Read(run.Dir, task.Dir)
	if err != nil || len(curves) != 2 {
		t.Fatalf("%+v, %v", curves, err)
	}
	charts := Charts(curves)
	if len(charts) != 2 || charts[0].YLabel != "share of the ceiling, greedy" || len(charts[0].Series) != 1 ||
		charts[1].YLabel != "reward of a trial, or return of an episode, greedy" || len(charts[1].Series) != 1 ||
		charts[1].Series[0].Y[0] != 4 || len(charts[1].References) > 0 {
		t.Errorf("charts %+v", charts)
	}
	if both, alone := Table(curves), Table(curves[:1]); both.Header[5] != "share of ceiling, or reward where none is "+
		"known" || alone.Header[5] != "reward of a trial, or return of an episode" || both.Rows[0][5] != "4.000" {
		t.Errorf("%q and %q, row %q", both.Header, alone.Header, both.Rows[0])
	}
}

// stepsRun trains an agent in steps, which has no ceiling: an episode of 4 steps earns 4.
func stepsRun(t *testing.T) *lab.Run {
	t.Helper()
	general, err := drqn.Preset("general")
	if err == nil {
		general, err = drqn.Assemble(general, map[string]string{"task": "steps", "hidden": "4", "input_size": "3",
			"readout": "0", "updates": "2", "batch": "2", "window": "3", "learn_after": "20", "eval_every": "0"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return labtest.Train(t, filepath.Join(t.TempDir(), "run"), general)
}

func init() {
	if err := tasks.RegisterEnvironment("steps", func() tasks.Env { return &steps{Steps: 4} }); err != nil {
		panic(err)
	}
}

// TestEvaluateWith compares the words about an environment without trials with those about a task.
func TestEvaluateWith(t *testing.T) {
	t.Parallel()
	run := stepsRun(t)
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
