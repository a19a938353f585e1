package bridge_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/gobackend"
	"engram/lab"
	"engram/suite"
	suitereport "engram/suite/report"
	"engram/sweep"
	"engram/sweep/search"
)

// tiny returns settings of runs that take a moment, in an environment of Python whose episodes have ten steps.
func tiny() map[string]string {
	return map[string]string{"hidden": "4", "input_size": "3", "readout": "0", "updates": "8", "learn_after": "100",
		"batch": "2", "window": "4", "burn_in": "0", "metrics_every": "4", "eval_every": "4", "eval_trials": "3",
		"capacity": "1000", "environments": "2"}
}

// TestSuite trains a suite in an environment of Python, whose name is no name of a folder: its table, its report and
// its archive have the returns of its runs.
func TestSuite(t *testing.T) {
	t.Parallel()
	b, err := gobackend.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	const task = "testdata.odd:Plain"
	dir, copied := filepath.Join(t.TempDir(), "suite"), filepath.Join(t.TempDir(), "archive")
	plan := suite.Plan{Tasks: []string{task}, Agents: suite.Cells("mpn"), Seeds: 2, Preset: "general", Set: tiny()}
	for _, err := range []error{suite.Create(dir, plan), suite.Train(t.Context(), dir, b, "go", nil),
		suite.Archive(dir, copied)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := 0.0
	for _, run := range runs(t, dir, 2) {
		if e := run.About.Result; e.Episodes != 100 || e.MeanSteps != 10 || !e.NoCeiling {
			t.Errorf("%s: %+v", run.Dir, *e)
		}
		sum += *run.About.Result.MeanReturn
	}
	for _, place := range []string{dir, copied} {
		p, results, err := suite.Results(place)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := suite.Table(p, results)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%s: %d rows, %v", place, len(rows), err)
		}
		if r := rows[0]; r.Task != task || !r.NoCeiling || r.Seeds != 2 || r.Missing != 0 ||
			math.Abs(*r.IQM-sum/2) > 1e-9 {
			t.Errorf("%s: %+v with a return of %v, want %v", place, r, *r.IQM, sum/2)
		}
	}
	page, err := suitereport.Write(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), task) {
		t.Errorf("the report does not name %s, %v", task, err)
	}
}

// runs returns the runs below a directory, of which there are n.
func runs(t *testing.T, dir string, n int) []*lab.Run {
	t.Helper()
	var all []*lab.Run
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "run.json" {
			return err
		}
		run, err := lab.Open(filepath.Dir(path))
		all = append(all, run)
		return err
	})
	if err != nil || len(all) != n {
		t.Fatalf("%d runs, want %d, %v", len(all), n, err)
	}
	return all
}

// TestStudy carries out a study in an environment of Python: a trial's value is the return of its run.
func TestStudy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "study")
	study := sweep.Study{Trials: 2, Sampler: search.Method{Kind: "halton"},
		Space: search.Space{search.Log("learning_rate", 1e-4, 1e-2)},
		Goal:  sweep.Goal{Kind: "train", Preset: "general", Set: sweep.Settings(tiny())}}
	study.Goal.Set["task"] = "testdata.odd:Plain"
	if err := sweep.Create(dir, study); err != nil {
		t.Fatal(err)
	}
	options := sweep.Options{Pack: 2, Backend: func() (compute.Backend, string, error) {
		b, err := gobackend.Open()
		return b, "go", err
	}}
	if err := sweep.Work(t.Context(), dir, options); err != nil {
		t.Fatal(err)
	}
	r, err := sweep.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	trials, err := r.Trials()
	if err != nil || len(trials) != 2 {
		t.Fatalf("%d trials, %v", len(trials), err)
	}
	var values, earned []float64
	for i, run := range runs(t, dir, 2) {
		if trials[i].Value == nil {
			t.Fatalf("trial %d is %s: %s", trials[i].Trial, trials[i].State, trials[i].Reason)
		}
		values, earned = append(values, *trials[i].Value), append(earned, run.About.Result.RewardPerTrial)
	}
	slices.Sort(values)
	slices.Sort(earned)
	if !slices.Equal(values, earned) {
		t.Errorf("the values of the trials are %v, their returns %v", values, earned)
	}
}
