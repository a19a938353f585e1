package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One other setting prints a line, several a table or a list, and what does not fit the weights is
// refused in one line.
func TestEvalTaskOptions(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(copied(t), "run")
	const two, four = `{"timing":{"delay":200}}`, `{"timing":{"delay":400}}`
	args := []string{"eval", "--run", dir, "--trials", "3", "--task-options", two}
	if out := ok(t, args...); !strings.HasPrefix(out, "GoNogo with "+two+": ") || strings.Count(out, "\n") != 1 {
		t.Errorf("it prints %q", out)
	}
	if out := ok(t, append(args, "--task-options", four)...); strings.Count(out, "\n") != 3 ||
		!strings.Contains(out, four+"   ") {
		t.Errorf("it prints %q", out)
	}
	hasFields(t, strings.Join(append(args, "--json"), " "), "format task_options.timing.delay accuracy")
	var list []map[string]any
	err := json.Unmarshal([]byte(ok(t, append(args, "--task-options", four, "--json")...)), &list)
	if err != nil || len(list) != 2 || list[1]["format"] != 1.0 || list[1]["trials"] != 3.0 {
		t.Errorf("%v, %v", list, err)
	}
	for options, want := range map[string]string{
		`{"dim_ring":3}`: `option "dim_ring" does not exist`,
		`x`:              "an object such as",
		"{\x1b[2J}":      `'\x1b' is not expected here`,
	} {
		out, errs, code := run(t, append(args, "--task-options", options)...)
		if code != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q, %q", options, code, out, errs)
		}
	}
}

// A run begins with another run's weights and says what it takes; without the flag the same command
// resumes it; a start that does not fit, or that an existing run did not have, is refused.
func TestTrainFrom(t *testing.T) {
	t.Parallel()
	from := filepath.Join(copied(t), "run")
	dir := filepath.Join(t.TempDir(), "run")
	args := append(smallTraining(dir), "--no-report", "--seed", "4")
	_, errs, code := run(t, append(args, "--from", from, "--quiet")...)
	if want := "begins with weights of " + from + " after update 12: W"; code != 0 || !strings.Contains(errs, want) {
		t.Fatalf("exit %d, it says %q, want %q", code, errs, want)
	}
	if about, err := os.ReadFile(filepath.Join(dir, "run.json")); err != nil || !bytes.Contains(about,
		[]byte(`"start": {`)) {
		t.Errorf("%v: run.json is %s", err, about)
	}
	ok(t, args...)
	for _, c := range []struct {
		args []string
		want string
	}{
		{append(smallTraining(filepath.Join(t.TempDir(), "new")), "--from", from, "--hidden", "7"), "do not fit: "},
		{append(smallTraining(filepath.Join(t.TempDir(), "new")), "--from", filepath.Dir(from)), "holds runs"},
		{append(smallTraining(from), "--from", dir), "began with random weights"},
	} {
		if out, errs, code := run(t, append(c.args, "--quiet")...); code != 1 || !strings.Contains(errs, c.want) ||
			strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("engram %v: exit %d, %q, printed %q; want %q", c.args, code, errs, out, c.want)
		}
	}
}

// Runs, suites and studies stand on one page; what cannot be compared is refused in one line.
func TestReportOfSeveral(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	run1, suite := filepath.Join(dir, "run"), filepath.Join(dir, "suite")
	out := filepath.Join(t.TempDir(), "both.html")
	if path := ok(t, "report", run1, suite, "--out", out); path != out+"\n" {
		t.Errorf("it prints %q", path)
	}
	page, err := os.ReadFile(out)
	if err != nil || !bytes.Contains(page, []byte("<td>suite/GoNogo/mpn</td>")) || !bytes.Contains(page,
		[]byte("<td>run</td>")) {
		t.Errorf("the page lacks a run: %v", err)
	}
	if path := ok(t, "report", run1); path != filepath.Join(run1, "report.html")+"\n" {
		t.Errorf("of one run it prints %q", path)
	}
	for want, args := range map[string][]string{
		"has no complete trial that trained": {run1, filepath.Join(dir, "study")},
		"is not a run directory":             {run1, filepath.Join(dir, "none")},
		"takes one run, as --run DIR":        {"--run", run1, suite},
		"needs RUN or --run":                 {},
	} {
		if out, errs, code := run(t, append([]string{"report"}, args...)...); code == 0 || out != "" ||
			strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
			t.Errorf("report %v: exit %d, %q, %q", args, code, out, errs)
		}
	}
}
