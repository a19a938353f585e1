package cmd

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/internal/bench"
	"engram/sweep"
	"engram/sweep/search"
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

// hasFields runs a command that prints JSON, checks its format and that it has the fields, and returns what it printed.
func hasFields(t *testing.T, args, want string) string {
	t.Helper()
	text := ok(t, strings.Fields(args)...)
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	there := fields("", value)
	for field := range strings.FieldsSeq(want) {
		if !slices.Contains(there, field) {
			t.Errorf("engram %s: its JSON has no %s: %v", args, field, there)
		}
	}
	if root, isObject := value.(map[string]any); isObject && root["format"] != float64(jsonFormat) {
		t.Errorf("engram %s: format %v", args, root["format"])
	}
	return text
}

// each returns the names, each after a prefix.
func each(prefix, names string) string {
	return " " + prefix + strings.Join(strings.Fields(names), " "+prefix)
}

// TestJSONFormats checks that no field of the JSON that commands print is renamed or lost, because scripts read it.
// More may come.
func TestJSONFormats(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	const evaluation = "task update trials reward_per_trial share_of_ceiling accuracy seed lambda"
	view := "run task cell hidden seed backend state resumable created changed update updates rate left latest best" +
		" result trouble" + each("latest.", evaluation) + each("best.", evaluation) + each("result.", evaluation)
	for _, c := range []struct{ args, want string }{ // the first makes the run
		{strings.Join(append(smallTraining(dir), "--no-report", "--json"), " "), "format " + evaluation},
		{"resume --no-report --json " + dir, "format " + evaluation},
		{"eval --trials 2 --json --run " + dir, "format " + evaluation},
		{"record --trials 2 --json --out " + dir + ".npz " + dir, "format file task cell episode run update seed dt" +
			" state trials steps"},
		{"perturb --trials 2 --wipe each --json " + dir, "format task run update seed kind when intact points" +
			each("intact.", "trials correct accuracy low high") +
			each("points.[].", "step trials correct accuracy low high")},
		{"analyse --trials 40 --json " + dir, "format file run update task condition trials h state decoding" +
			each("h.", "participation_ratio variances") + " decoding.accuracy decoding.chance"},
		{"digest --json " + dir, "format run update sha256 parts" + each("parts.[].", "name bytes sha256")},
		{"report --json --run " + dir, "format report"},
		{"--version --json", "format engram modified compiler machine modules plugins plugins.[].release"},
		{"runs --json " + dir, each("[].", view)},
		{"watch --once --json " + dir, "format " + view},
	} {
		hasFields(t, c.args, c.want)
	}
	var paths []string
	if err := json.Unmarshal([]byte(ok(t, "export", dir, "--format", "csv", "--json")), &paths); err != nil ||
		len(paths) != 3 {
		t.Errorf("export prints %v, %v", paths, err)
	}
}

// TestJSONFormatsOfMany checks that the JSON of suites, benchmarks and submitted sweeps names its format and keeps its
// fields.
func TestJSONFormatsOfMany(t *testing.T) {
	t.Parallel()
	study := filepath.Join(t.TempDir(), "study-"+strings.Repeat("x", 60))
	if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 4,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 2}}); err != nil {
		t.Fatal(err)
	}
	// first, so that the study has trials to report
	hasFields(t, "sweep worker --json "+study, "format dir trials attempts states done best seconds")
	for _, c := range []struct{ args, want string }{
		{"bench --json --backend go --rounds 1 --only sample|push|act", "format machine date rows benchmarks" +
			each("rows.[].", "name shape backend hidden window batch input population unit median low high rounds") +
			each("benchmarks.[].", "name backend hidden window batch input population median_us")},
		{"suite table --json ../results/session-timing", each("[].", "format task agent parameters ceiling_bound"+
			" seeds missing iqm median low high lowest reached reached_ever lambda updates_to environment_steps_to"+
			" minutes_to minutes")},
		{"suite memory --json ../results/memory", each("[].", "format cell parameters lengths score longest") +
			each("[].lengths.[].", "length regret lowest")},
		{"suite holds --json ../results/holds", each("[].", "format task agent seed update accuracy question trials"+
			" h_participation_ratio state_participation_ratio from_h from_state from_both from_state_untrained rest"+
			" intact wiped_before_cue wiped_in_period") + each("[].from_h.", "first last chance low high")},
		{"suite report --json --out " + study + ".html ../results/session-timing", "format report"},
		{"suite archive --json ../results/session-timing " + study + "-archive", "format suite archive"},
		{"sweep report --json " + study, "format report"},
		{"sweep check --json " + study, "format study trials"},
		{"sweep submit --json --engine htcondor --time 2d " + study, "format engine file"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			hasFields(t, c.args, c.want)
		})
	}
	t.Run("bench of a size", func(t *testing.T) {
		t.Parallel()
		var report benchReport
		text := hasFields(t, "bench --json --backend go --rounds 1 --hidden 8 --window 4 --only train_step|act|sample",
			"format benchmarks.[].hidden benchmarks.[].window benchmarks.[].median_us")
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(report.Benchmarks, func(b bench.Benchmark) bool { return b.Name == "train_step" })
		if i < 0 || len(report.Benchmarks) != 3 {
			t.Fatalf("%+v of %+v", report.Benchmarks, report.Rows)
		}
		if b := report.Benchmarks[i]; b.Hidden != 8 || b.Window != 4 || b.MedianMicros != 1000*report.Rows[i].Median {
			t.Errorf("%+v of %+v", b, report.Rows)
		}
	})
}
