package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKeptFilesAreNoOutput names each file of a run, a suite and a study as what a command writes, also by links and
// other spellings: it is refused before the work begins. A page that can be made again is not.
func TestKeptFilesAreNoOutput(t *testing.T) {
	t.Parallel()
	dir, links := copied(t), t.TempDir()
	run := filepath.Join(dir, "run")
	if err := errors.Join(os.Symlink(run, filepath.Join(links, "folder")),
		os.Symlink(filepath.Join(run, "checkpoints"), filepath.Join(links, "deep")),
		os.Symlink(filepath.Join(run, "config.json"), filepath.Join(links, "file"))); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{ // whether it is refused
		filepath.Join(links, "file"): true, filepath.Join(links, "folder", "run.json"): true,
		links + "/deep/../run.json":   true,
		links + "/deep/../start.json": true, run + "/./checkpoints/../config.json": true,
		filepath.Join(run, "start.json"): true, filepath.Join(dir, "suite", "holds.jsonl"): true,
		filepath.Join(run, "report.html"): false, filepath.Join(run, "a.npz"): false,
		filepath.Join(dir, "suite", "report.html"): false, filepath.Join(dir, "config.json"): false,
	}
	for _, thing := range []string{"run", "suite", "study"} {
		for _, file := range filesOf(t, dir, thing) {
			places[filepath.Join(dir, file)] = filepath.Ext(file) != ".html"
		}
	}
	for place, refused := range places {
		checkKept(t, "record RUN --out $FILE", place, refused)
	}
	for _, line := range writers {
		if strings.Contains(line, "$FILE") {
			checkKept(t, line, filepath.Join(run, "evals.jsonl"), true)
		}
	}
}

func checkKept(t *testing.T, line, place string, refused bool) {
	t.Helper()
	words := strings.Fields(line)
	words[slices.Index(words, "$FILE")] = place
	times, err := begun(words)
	switch {
	case !refused && (err != nil || times != 1):
		t.Errorf("%s: began %d times, %v", words, times, err)
	case refused && (times != 0 || err == nil ||
		!strings.Contains(err.Error(), place+" belongs to what engram keeps in") ||
		!strings.Contains(err.Error(), "name another file")):
		t.Errorf("%s: began %d times, %v, want it refused", words, times, err)
	}
}

// TestResumeSkipsWhatIsNoRun resumes a run among things that are none: each is said with its remedy, and the run is
// resumed nevertheless.
func TestResumeSkipsWhatIsNoRun(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	run2 := filepath.Join(dir, "zebra")
	if err := os.CopyFS(run2, os.DirFS(filepath.Join(dir, "run"))); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	out, errs, code := run(t, "resume", "--json", "--no-report", in("study.json"), in("suite"), in("study"), run2)
	if code != 1 || strings.Count(out, "\n") != 1 || strings.Count(errs, "\n") != 4 {
		t.Errorf("exit %d, it printed %q and said %q", code, out, errs)
	}
	for _, want := range []string{in("study.json") + " is not a directory: name a run's",
		in("suite") + " is a suite, not a run: 'engram suite run --plan " + in("suite") + "/suite.json --out " +
			in("suite") + "' continues it",
		in("study") + " is a study, not a run: 'engram sweep resume " + in("study") + "' continues it",
		"3 of the 4 named were not resumed: see above"} {
		if !strings.Contains(errs, want) {
			t.Errorf("it said %q, want %q", errs, want)
		}
	}
}

// TestReportOfFolders reports on one directory of runs, by a comparison, and names the command for a suite's and a
// study's folder.
func TestReportOfFolders(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	page := filepath.Join(t.TempDir(), "a.html")
	of := filepath.Join(dir, "suite", "GoNogo")
	if said := ok(t, "report", of, "--out", page); !strings.Contains(said, page) || size(t, page) == 0 {
		t.Errorf("a directory of runs: it printed %q", said)
	}
	for _, kind := range []string{"suite", "study"} {
		_, errs, code := run(t, "report", filepath.Join(dir, kind))
		command := "'engram " + map[string]string{"suite": "suite", "study": "sweep"}[kind] + " report "
		if code != 1 || !strings.Contains(errs, " is a "+kind+", not a run: "+command+filepath.Join(dir, kind)+"'") {
			t.Errorf("%s: exit %d, it said %q", kind, code, errs)
		}
	}
}
