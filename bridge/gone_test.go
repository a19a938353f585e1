package bridge_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/bridge"
	"engram/gobackend"
	"engram/lab"
	"engram/lab/report"
	"engram/suite"
	suitereport "engram/suite/report"
	"engram/sweep"
	"engram/sweep/search"
)

// withoutPython makes this process one that knows no environment and has no Python.
func withoutPython(t *testing.T) {
	t.Helper()
	t.Setenv(bridge.PythonVariable, filepath.Join(t.TempDir(), "gone"))
	bridge.Forget()
	t.Cleanup(bridge.Forget) // the next test has its own Python
	if _, err := bridge.Describe("testdata.odd:Plain", nil); err == nil {
		t.Fatal("there is a Python")
	}
}

// A suite whose Python has gone is read as before: its directory, its archive, and one with a task that has no runs
// yet.
func TestSuiteWithoutPython(t *testing.T) {
	b, err := gobackend.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	dir, copied := filepath.Join(t.TempDir(), "suite"), filepath.Join(t.TempDir(), "archive")
	plan := suite.Plan{Tasks: []string{"testdata.odd:Plain"}, Agents: suite.Cells("mpn", "gru"), Seeds: 1,
		Preset: "general", Set: tiny(), MatchParameters: true}
	plan.Set["task_options"] = `{ "at": 3 }`
	plan.Set["hidden"] = "16"
	for _, err := range []error{suite.Create(dir, plan), suite.Train(t.Context(), dir, b, "go", nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := table(t, dir)
	withoutPython(t)
	if got := table(t, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("the directory has %+v, want %+v", got, want)
	}
	bridge.Forget()
	run, err := lab.Open(filepath.Join(dir, "testdata.odd-Plain", "mpn", "seed-0"))
	if err != nil {
		t.Fatal(err)
	}
	random := fmt.Sprintf("%.4g ± %.2g", run.About.Random.Mean, run.About.Random.SD) // as the run has it
	for _, measured := range []string{random, "not measured"} {
		page, err := report.Write(t.Context(), run, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(page)
		for _, part := range []string{"Return over training", measured, "None could be played: testdata.odd:Plain"} {
			if err != nil || !bytes.Contains(text, []byte(part)) {
				t.Errorf("the run's report has no %q, %v", part, err)
			}
		}
		run.About.Random = nil // as an earlier engram left it
	}
	bridge.Forget()
	if err := suite.Archive(dir, copied); err != nil {
		t.Fatal(err)
	}
	bridge.Forget()
	if got := table(t, copied); !reflect.DeepEqual(got, want) {
		t.Errorf("the archive has %+v, want %+v", got, want)
	}
	plan.Tasks = append(plan.Tasks, "testdata.odd:Mixed")
	for _, place := range []string{dir, copied} {
		bridge.Forget()
		if err := suite.Create(place, plan); err != nil {
			t.Fatal(err)
		}
		rows := table(t, place)
		if !reflect.DeepEqual(rows[:2], want) || rows[2].Missing != 1 {
			t.Errorf("%s, made larger: %+v, want %+v and a task whose runs are missing", place, rows, want)
		}
		bridge.Forget()
		if _, err := suitereport.Write(place, ""); err != nil {
			t.Error(err)
		}
	}
	if err := suite.Train(t.Context(), dir, b, "go", nil); err == nil || !strings.Contains(err.Error(), "--python") {
		t.Errorf("training went on without Python: %v", err)
	}
}

// A study whose Python has gone is read as before; one that has no runs yet, too. Its environment may be a parameter of
// the space, of which no trial has tried all.
func TestStudyWithoutPython(t *testing.T) {
	t.Run("task of the goal", func(t *testing.T) {
		goal := sweep.Settings(tiny())
		goal["task"] = "testdata.odd:Plain"
		studyWithoutPython(t, goal, search.Space{search.Log("learning_rate", 1e-4, 1e-2)})
	})
	t.Run("task of the space", func(t *testing.T) {
		studyWithoutPython(t, sweep.Settings(tiny()), search.Space{
			search.Choice("task", "testdata.odd:Plain", "testdata.odd:prints"),
			search.Choice("task_options", `{"at":3}`, `{ "at": 4 }`)})
	})
}

// studyWithoutPython carries out one trial of a study, and reads it when Python has gone.
func studyWithoutPython(t *testing.T, goal sweep.Settings, space search.Space) {
	t.Helper()
	bridge.Forget()
	dir, fresh := filepath.Join(t.TempDir(), "study"), filepath.Join(t.TempDir(), "fresh")
	study := sweep.Study{Trials: 1, Sampler: search.Method{Kind: "halton"}, Space: space,
		Goal: sweep.Goal{Kind: "train", Preset: "general", Set: goal}}
	options := sweep.Options{Pack: 1, Backend: func() (compute.Backend, string, error) {
		b, err := gobackend.Open()
		return b, "go", err
	}}
	for _, err := range []error{sweep.Create(dir, study), sweep.Create(fresh, study),
		sweep.Work(t.Context(), dir, options)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir string) (m sweep.Measures, trials []sweep.Trial, config []byte) {
		t.Helper()
		r, err := sweep.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if trials, err = r.Trials(); err != nil {
			t.Fatal(err)
		}
		if len(trials) > 0 {
			if config, err = r.BestConfig(); err != nil {
				t.Fatal(err)
			}
		}
		return r.Measures(), trials, config
	}
	measures, trials, config := read(dir)
	withoutPython(t)
	if m, got, c := read(dir); m != measures || !reflect.DeepEqual(got, trials) || !bytes.Equal(c, config) {
		t.Errorf("%+v %+v %s, want %+v %+v %s", m, got, c, measures, trials, config)
	}
	bridge.Forget()
	if m, got, _ := read(fresh); m != measures || len(got) != 0 {
		t.Errorf("%+v %+v, want %+v and no trial", m, got, measures)
	}
	if err := sweep.Work(t.Context(), fresh, options); err == nil || !strings.Contains(err.Error(), "--python") {
		t.Errorf("the study went on without Python: %v", err)
	}
}

// table returns the rows of a suite.
func table(t *testing.T, dir string) []suite.Row {
	t.Helper()
	plan, results, err := suite.Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := suite.Table(plan, results)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
