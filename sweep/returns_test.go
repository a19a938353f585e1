package sweep

import (
	"strings"
	"testing"

	"engram/tasks"
)

// noTask is an environment whose trials and ceiling nobody knows.
type noTask struct{ tasks.Env }

func init() {
	err := tasks.RegisterEnvironment("no task", func() tasks.Env {
		env, err := tasks.New("GoNogo", nil)
		if err != nil {
			panic(err)
		}
		return noTask{env}
	})
	if err != nil {
		panic(err)
	}
}

// TestMeasuresWithoutACeiling checks that values are called returns where there is no ceiling, and that a share of one
// is not asked for.
func TestMeasuresWithoutACeiling(t *testing.T) {
	g := Goal{Kind: "train", Preset: "general", Set: map[string]string{"task": "no task"}}
	for ceiling, want := range map[string]string{"0": "return", "2": "share of ceiling"} {
		g.Set["ceiling"] = ceiling
		training, err := newTraining(g, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m := training.measures(); m.Value != want || m.Score != want {
			t.Errorf("with ceiling %s values are called %q, scores %q, want %q", ceiling, m.Value, m.Score, want)
		}
	}
	g.Set["ceiling"], g.Measure = "0", measureUpdatesTo
	if _, err := newTraining(g, nil, nil); err == nil || !strings.Contains(err.Error(), "set floor and ceiling") {
		t.Errorf("updates_to without a ceiling: error %v", err)
	}
}
