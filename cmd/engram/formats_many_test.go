package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/sweep"
	"engram/sweep/cluster"
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

// TestSubmitAndWorker: the forms of a time are named where one is not understood; a worker that is told so says by its
// exit code that its time is over and trials are left, and by 0 that none is.
func TestSubmitAndWorker(t *testing.T) {
	study := filepath.Join(t.TempDir(), "study")
	if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 60,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 2, Milliseconds: 100}}); err != nil {
		t.Fatal(err)
	}
	if _, said, code := run(t, "sweep", "submit", study, "--engine", "slurm", "--time", "2w"); code != 2 ||
		!strings.Contains(said, cluster.TimeForms) {
		t.Errorf("exit %d: %s", code, said)
	}
	if _, said, code := run(t, "sweep", "worker", study, "--minutes", "0.01", "--again"); code != cluster.Again ||
		!strings.Contains(said, "trials are left") {
		t.Errorf("exit %d: %s", code, said)
	}
	if _, said, code := run(t, "sweep", "worker", study, "--minutes", "5", "--again", "--workers", "30"); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}

// TestOneSeed: the table of a suite with one seed each has no interval in any of its forms.
func TestOneSeed(t *testing.T) {
	for _, form := range []string{"--json", "--csv", "--md", "--by-agent"} {
		if text := ok(t, "suite", "table", "../../results/session-timing", form); strings.Contains(text,
			"0.989 to 0.989") || form == "--json" && !strings.Contains(text, `"low":null,"high":null`) {
			t.Errorf("%s: %s", form, text)
		}
	}
}
