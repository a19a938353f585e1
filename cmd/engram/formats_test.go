package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fields lists the fields of a value in JSON by their paths, those of the items of a list as [].
func fields(path string, value any) (list []string) {
	switch v := value.(type) {
	case map[string]any:
		for name, x := range v {
			list = append(append(list, path+name), fields(path+name+".", x)...)
		}
	case []any:
		for _, x := range v {
			list = append(list, fields(path+"[].", x)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestJSONFormats: scripts read what commands print as JSON, so no field of it is renamed or lost; more may come.
func TestJSONFormats(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	evaluation := "format task update trials reward_per_trial share_of_ceiling accuracy seed lambda"
	view := "run task cell hidden seed backend state resumable created changed update updates rate left latest best result trouble"
	for _, name := range []string{"latest", "best", "result"} {
		for field := range strings.FieldsSeq(evaluation) {
			if field != "format" {
				view += " " + name + "." + field
			}
		}
	}
	for _, c := range []struct{ args, want string }{
		{strings.Join(append(smallTraining(dir), "--no-report", "--json"), " "), evaluation},
		{"resume --no-report --json " + dir, evaluation},
		{"eval --trials 2 --json --run " + dir, evaluation},
		{"digest --json " + dir, "format run update sha256 parts parts.[].name parts.[].bytes parts.[].sha256"},
		{"runs --json " + dir, "[]." + strings.Join(strings.Fields(view), " [].")},
		{"watch --once --json " + dir, "format " + view},
	} {
		var value any
		if err := json.Unmarshal([]byte(ok(t, strings.Fields(c.args)...)), &value); err != nil {
			t.Fatal(err)
		}
		there := fields("", value)
		for want := range strings.FieldsSeq(c.want) {
			if !slices.Contains(there, want) {
				t.Errorf("engram %s: its JSON has no %s: %v", c.args, want, there)
			}
		}
		if root, isObject := value.(map[string]any); isObject && root["format"] != float64(jsonFormat) {
			t.Errorf("engram %s: format %v", c.args, root["format"])
		}
	}
	var paths []string
	if err := json.Unmarshal([]byte(ok(t, "export", dir, "--format", "csv", "--json")), &paths); err != nil ||
		len(paths) != 3 {
		t.Errorf("export prints %v, %v", paths, err)
	}
}

// TestMoreOfAFinishedRun: a run that is finished says why it is not made longer, and what to do; so do commands that
// are given more runs than they take.
func TestMoreOfAFinishedRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ok(t, append(smallTraining(dir), "--no-report")...)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{append(smallTraining(dir), "--quiet", "--updates", "24"), 1,
			"is finished with updates = 12 and cannot be given 24, because"},
		{append(smallTraining(dir), "--quiet", "--updates", "24", "--seed", "3"), 1, "exists with another config"},
		{[]string{"resume", dir, "--updates", "24"}, 2,
			"takes no --updates: 'engram train --config RUN/config.json --updates ... --run NEW'"},
		{[]string{"resume", dir, "--learning-rate=1"}, 2, "takes no --learning-rate"},
		{[]string{"resume", dir, "--colour"}, 2, "unknown flag: --colour"},
		{[]string{"report", "--run", dir, dir}, 2, "takes one run, as --run DIR"},
		{[]string{"eval", "--run", dir, dir}, 2, "takes one run, as --run DIR"},
		{[]string{"report", "--run", filepath.Dir(dir)}, 1, "holds runs: name one of them, such as " + dir},
	} {
		if out, errs, code := run(t, c.args...); code != c.code || !strings.Contains(errs, c.want) ||
			strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("engram %v: exit %d, %q, printed %q; want %d, %q", c.args, code, errs, out, c.code, c.want)
		}
	}
}
