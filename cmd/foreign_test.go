package cmd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// hostile is what texts of files are replaced by: it commands a terminal, turns the writing around, is computed by a
// spreadsheet, and is HTML and Markdown.
var hostile = []string{"\x1b]0;PWN\a\x1b[2J", "=cmd|'/C calc'!A0 \u009b2J\u202etxt\x7f",
	"@a\r\nb\x00|<script>alert(1)</script>`"}

// plant replaces the text of the fields with those names in a JSON file, or in each line of a JSONL file.
func plant(t *testing.T, path, text string, names ...string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		field := regexp.MustCompile(`("` + name + `":\s*)"(?:[^"\\]|\\.)*"`)
		if !field.Match(data) {
			t.Fatalf("%s has no %s: %s", path, name, data)
		}
		data = field.ReplaceAllFunc(data, func(found []byte) []byte {
			return append(bytes.Clone(field.FindSubmatch(found)[1]), encoded...)
		})
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// harmless runs a command, whatever its result, and returns what it printed, in which nothing commands a terminal.
func harmless(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, _ := run(t, args...)
	for _, text := range []string{out, errs} {
		for _, r := range text {
			if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
				t.Errorf("engram %q prints %q in %q", args, r, text)
				break
			}
		}
	}
	if strings.Count(errs, "\n") > 3 { // notices and an error, a line each
		t.Errorf("engram %q says more than a line: %q", args, errs)
	}
	return out
}

// notComputed checks that no text of a CSV file is computed by a spreadsheet.
func notComputed(t *testing.T, what, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Errorf("%s: %d rows, %v in %q", what, len(rows), err, text)
	}
	for _, row := range rows {
		for _, cell := range row {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && strings.TrimLeft(cell, "=+-@\t\r") != cell {
				t.Errorf("%s: a cell is %q", what, cell)
			}
		}
	}
}

// TestForeignTextOfRuns plants hostile texts in a run's files and its name, and runs all that reads it.
func TestForeignTextOfRuns(t *testing.T) {
	t.Parallel()
	good := filepath.Join(copied(t), "run")
	for i, text := range hostile {
		for _, c := range []struct {
			file  string
			names []string
		}{
			{"config.json", []string{"task"}}, {"config.json", []string{"cell"}}, {"config.json", []string{"episode"}},
			{"run.json", []string{"engram", "go", "backend", "machine", "state"}}, {"evals.jsonl", []string{"task"}},
			{"run.json", []string{"task"}}, {"checkpoints/12/manifest.json", []string{"checksum"}},
			{"config.json", nil},
		} {
			t.Run(fmt.Sprintf("%d in %s %q", i, c.file, c.names), func(t *testing.T) {
				t.Parallel()
				above := t.TempDir()
				dir := filepath.Join(above, "run\x1b[2J\u202e"+"\nb")
				if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
					t.Fatal(err)
				}
				plant(t, filepath.Join(dir, c.file), text, c.names...)
				for _, args := range [][]string{
					{"runs", above}, {"runs", above, "--json"}, {"watch", above, "--once"},
					{"watch", above, "--once", "--json"}, {"digest", dir},
					{"digest", dir, "--json"}, {"eval", "--run", dir, "--trials", "2"},
					{"eval", "--run", dir, "--trials", "2", "--json"},
					{"report", "--run", dir}, {"resume", dir, "--json"}, {"export", dir, "--format", "csv"},
					{"export", dir, "--format", "npz", "--json"},
					{"record", dir, "--trials", "2", "--out", filepath.Join(above, "r.npz"), "--json"},
					{"perturb", dir, "--trials", "2", "--freeze", "delay"}, {"analyse", dir, "--trials", "30"},
					{"train", "--config", filepath.Join(dir, "config.json"), "--run", dir, "--no-report",
						"--backend", "go"},
					{"export", above, "--format", "csv"},
				} {
					harmless(t, args...)
				}
				for _, name := range []string{"metrics", "evals", "timing"} {
					if data, err := os.ReadFile(filepath.Join(dir, "export", name+".csv")); err == nil {
						notComputed(t, name, string(data))
					}
				}
				for _, name := range []string{"report.html", "analysis.html"} {
					if page, err := os.ReadFile(filepath.Join(dir, name)); err == nil &&
						bytes.Contains(page, []byte("<script>alert(1)")) {
						t.Errorf("%s has a script of %s", name, c.file)
					}
				}
			})
		}
	}
	harmless(t, "digest", hostile[0])
	harmless(t, hostile[0])
	harmless(t, "runs", "--"+hostile[1])
}

// TestForeignTextOfSuites plants hostile texts in a suite's plan and runs all that reads it.
func TestForeignTextOfSuites(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "suite")
	plan := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(plan, []byte(`{"tasks":["GoNogo"],"agents":[{"name":"a","change":"c","why":"w"}],
		"seeds":2,"preset":"default","set":{"hidden":"6","input_size":"4","batch":"4","window":"4","updates":"12",
		"learn_after":"40","eval_every":"6","eval_trials":"5"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	ok(t, "suite", "run", "--plan", plan, "--out", dir, "--backend", "go", "--workers", "1")
	for _, text := range hostile {
		plant(t, filepath.Join(dir, "suite.json"), text, "change", "why")
		for _, form := range []string{"--by-agent", "--md", "--csv", "--json"} {
			harmless(t, "suite", "table", dir, form)
		}
		notComputed(t, "suite table", harmless(t, "suite", "table", dir, "--by-agent", "--csv"))
		if table := harmless(t, "suite", "table", dir, "--by-agent", "--md"); strings.Contains(table, "<script>") ||
			strings.Count(table, "\n") != 3 {
			t.Errorf("the table in Markdown is %q", table)
		}
		harmless(t, "suite", "report", dir)
		if page, err := os.ReadFile(filepath.Join(dir, "report.html")); err != nil ||
			bytes.Contains(page, []byte("<script>alert(1)")) {
			t.Errorf("the report has a script: %v", err)
		}
	}
	plant(t, filepath.Join(dir, "suite.json"), hostile[0], "name")
	harmless(t, "suite", "table", dir)
}

// addReason gives the last line of an attempt file a reason.
func addReason(t *testing.T, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	encoded, errEncode := json.Marshal(text)
	if err := errors.Join(err, errEncode); err != nil {
		t.Fatal(err)
	}
	end := []byte(`"event":"end"`)
	data = bytes.Replace(data, end, []byte(`"event":"end","reason":`+string(encoded)), 1)
	if err := os.WriteFile(path, data, 0o644); err != nil || !bytes.Contains(data, end) {
		t.Fatalf("%v: %s", err, data)
	}
}

// TestForeignTextOfStudies plants hostile texts in the files of attempts and runs all that reads a study.
func TestForeignTextOfStudies(t *testing.T) {
	t.Parallel()
	dir, file := filepath.Join(t.TempDir(), "study"), filepath.Join(t.TempDir(), "study.json")
	if err := os.WriteFile(file, []byte(studyText), 0o644); err != nil {
		t.Fatal(err)
	}
	ok(t, "sweep", "run", file, "--out", dir, "--workers", "1")
	for _, text := range hostile {
		attempts, err := filepath.Glob(filepath.Join(dir, "attempts", "*"))
		if err != nil || len(attempts) == 0 {
			t.Fatal(attempts, err)
		}
		for _, path := range attempts {
			plant(t, path, text, "host")
			addReason(t, path, text)
		}
		for _, args := range [][]string{{"status", dir}, {"status", dir, "--json"}, {"export", dir, "--json"},
			{"best", dir}, {"report", dir}, {"check", dir}} {
			harmless(t, append([]string{"sweep"}, args...)...)
		}
		notComputed(t, "sweep export", harmless(t, "sweep", "export", dir, "--csv"))
	}
	plant(t, filepath.Join(dir, "study.json"), hostile[0], "kind")
	harmless(t, "sweep", "status", dir)
}

// TestStrangeFilesInARun checks that a run that cannot be read does not keep the other runs of a directory from being
// shown.
func TestStrangeFilesInARun(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	good, bad := filepath.Join(above, "good"), filepath.Join(above, "bad")
	if err := os.CopyFS(good, os.DirFS(filepath.Join(copied(t), "run"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"config.json", "run.json", "metrics.jsonl", "evals.jsonl", "timing.jsonl"} {
		if err := errors.Join(os.RemoveAll(bad), os.CopyFS(bad, os.DirFS(good)), os.Remove(filepath.Join(bad, file)),
			strange["a FIFO"](filepath.Join(bad, file))); err != nil {
			t.Fatal(err)
		}
		table, errs, code := run(t, "runs", above)
		if code != 0 || !strings.Contains(table, good) || !strings.Contains(table, "12 of 12") ||
			!strings.Contains(table, bad) || !strings.Contains(errs, file+" is a FIFO") {
			t.Errorf("%s: exit %d: %s%s", file, code, table, errs)
		}
		if page := ok(t, "watch", above, "--once", "--json"); !strings.Contains(page, "a FIFO") ||
			!strings.Contains(page, good) {
			t.Errorf("watch shows %s", page)
		}
	}
	if _, errs, code := run(t, "export", above, "--format", "csv"); code != 1 ||
		!strings.Contains(errs, "holds runs: name one of them, such as "+above) {
		t.Errorf("exit %d: %s", code, errs)
	}
	fifo := filepath.Join(above, "fifo")
	if err := strange["a FIFO"](fifo); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, "train", "--config", fifo, "--run", filepath.Join(above, "new")); code != 1 ||
		!strings.Contains(errs, "a FIFO") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, err := os.Lstat(filepath.Join(above, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}
