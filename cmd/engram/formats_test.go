package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/sweep"
	"engram/sweep/search"
)

// TestJSONFormatsOfMany: the JSON of suites, benchmarks and submitted sweeps says its format, and keeps its fields.
func TestJSONFormatsOfMany(t *testing.T) {
	study := filepath.Join(t.TempDir(), "study-"+strings.Repeat("x", 60))
	if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 4,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 2}}); err != nil {
		t.Fatal(err)
	}
	sized := "name shape backend hidden window batch input population unit median low high rounds"
	benchmarks := "name backend hidden window batch input population median_us"
	for _, c := range []struct{ args, want string }{
		{"bench --json --backend go --rounds 1 --only sample|push|act",
			"format machine date rows rows.[]." + strings.Join(strings.Fields(sized), " rows.[].") +
				" benchmarks benchmarks.[]." + strings.Join(strings.Fields(benchmarks), " benchmarks.[].")},
		{"bench --json --backend go --rounds 1 --hidden 8 --window 4 --only train_step|act|sample",
			"format benchmarks.[].hidden benchmarks.[].window benchmarks.[].median_us"},
		{"suite table --json ../../results/session-timing",
			"[].format [].task [].agent [].parameters [].ceiling_bound [].seeds [].missing [].iqm [].median [].low [].high [].lowest [].reached [].reached_ever " +
				"[].lambda [].updates_to [].environment_steps_to [].minutes_to [].minutes"},
		{"suite memory --json ../../results/memory",
			"[].format [].cell [].parameters [].lengths [].lengths.[].length [].lengths.[].regret [].lengths.[].lowest [].score [].longest"},
		{"sweep submit --json --engine htcondor --time 2d " + study, "format engine file"},
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
	var report benchReport
	if err := json.Unmarshal([]byte(ok(t,
		strings.Fields("bench --json --backend go --rounds 1 --hidden 8 --window 4 --only train_step")...)),
		&report); err != nil {
		t.Fatal(err)
	}
	if b := report.Benchmarks; len(b) != 1 || b[0].Hidden != 8 || b[0].Window != 4 ||
		b[0].MedianMicros != 1000*report.Rows[0].Median {
		t.Errorf("%+v of %+v", b, report.Rows)
	}
}

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
