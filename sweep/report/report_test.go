package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"engram/sweep"
	"engram/sweep/search"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// functionStudy returns a study of a function.
func functionStudy(function, sampler string, trials int) sweep.Study {
	return sweep.Study{Goal: sweep.Goal{Kind: "function", Function: function}, Sampler: search.Method{Kind: sampler},
		Trials: trials}
}

// The report and the table of a study with a condition, pruned trials and all its charts.
func TestWrite(t *testing.T) {
	t.Parallel()
	s := functionStudy("mixed", "tpe", 40)
	s.Goal.Steps, s.Pruner = 3, search.Rule{Kind: "median"}
	dir := filepath.Join(t.TempDir(), "study")
	if err := sweep.Create(dir, s); err != nil {
		t.Fatal(err)
	}
	if err := sweep.Work(t.Context(), dir, sweep.Options{Workers: 2}); err != nil {
		t.Fatal(err)
	}
	r, err := sweep.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Write(r, "")
	if err != nil || path != filepath.Join(dir, "report.html") {
		t.Fatal(path, err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Best so far", "On the way", "Parameters and results",
		"What each parameter matters", "kernel", "pruned"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report has no %q", want)
		}
	}
	headings := map[string]int{}
	for _, h := range regexp.MustCompile(`<h[123]>([^<]*)</h[123]>`).FindAllStringSubmatch(string(page), -1) {
		headings[h[1]]++
	}
	for heading, n := range headings {
		if n != 1 {
			t.Errorf("the heading %q stands %d times", heading, n)
		}
	}
	if headings["Best so far"] != 1 || len(headings) < 7 {
		t.Errorf("the report has the headings %v", headings)
	}
}

// A cell shows nothing outside a notebook, and resumes the study that is there.
func TestRunGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "study")
	if s := Run(dir, functionStudy("branin", "random", 6), sweep.Options{}); !s.Done || s.States[sweep.Complete] != 6 {
		t.Errorf("%s", s.Line())
	}
	if s := Run(dir, functionStudy("branin", "random", 6), sweep.Options{}); s.Attempts != 6 {
		t.Errorf("run again: %d attempts", s.Attempts)
	}
	defer func() {
		if recover() == nil {
			t.Error("another study in the same directory does not fail the cell")
		}
	}()
	Run(dir, functionStudy("branin", "halton", 6), sweep.Options{})
}
