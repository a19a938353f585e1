package sweep

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"engram/sweep/search"
)

// The report and the table of a study with a condition, pruned trials and all its charts.
func TestReportAndExport(t *testing.T) {
	s := functionStudy("mixed", "tpe", 40)
	s.Goal.Steps, s.Pruner = 3, search.Rule{Kind: "median"}
	dir := made(t, s)
	worked(t, dir, Options{Workers: 2})
	r, status := checked(t, dir)
	path, err := r.Report("")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Best so far", "On the way", "Parameters and what came of them",
		"What each parameter matters", "kernel", "pruned"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report has no %q", want)
		}
	}
	var out strings.Builder
	if err := r.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 41 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	best := rows[1+status.Best.Trial]
	value, err := strconv.ParseFloat(best[2], 64)
	if err != nil || value != *status.Best.Value || best[1] != "complete" {
		t.Errorf("the best trial's row is %q, its value %g", best, *status.Best.Value)
	}
}

// A cell shows nothing outside a notebook, and goes on with what is there.
func TestRunGoesOn(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 6))
	if s := Run(dir, functionStudy("branin", "random", 6), Options{}); !s.Done || s.States[Complete] != 6 {
		t.Errorf("%s", s.Line())
	}
	if s := Run(dir, functionStudy("branin", "random", 6), Options{}); s.Attempts != 6 {
		t.Errorf("run again: %d attempts", s.Attempts)
	}
	defer func() {
		if recover() == nil {
			t.Error("another study in the same directory does not fail the cell")
		}
	}()
	Run(dir, functionStudy("branin", "halton", 6), Options{})
}

// A cell that cannot wait for its trials ends them as interrupted, and they go on; what such a trial still does counts
// for nothing.
func TestTrialsThatAreNotWaitedForGoOn(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 3))
	w, err := newWorker(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.interrupt(); err != nil {
		t.Fatal(err)
	}
	if _, status := checked(t, dir); status.States[Interrupted] != 2 {
		t.Fatal(status.Line())
	}
	if err := attempts[0].finish(-1000, nil); err != nil {
		t.Error(err)
	}
	worked(t, dir, Options{})
	if _, status := checked(t, dir); status.States[Complete] != 3 || status.Attempts != 5 || *status.Best.Value < 0 {
		t.Errorf("%d attempts, %s", status.Attempts, status.Line())
	}
}
