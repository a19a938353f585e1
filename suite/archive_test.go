package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/lab"
)

// testArchive holds all forms of a suite against each other: its directory, an archive as earlier versions made it (a
// directory with three files for each run), and the packed archives of both and of an archive.
func testArchive(t *testing.T, dir string) {
	want := readingOf(t, dir)
	earlier := filepath.Join(t.TempDir(), "suite")
	copyEarlier(t, dir, earlier)
	packed := archived(t, dir)
	for what, form := range map[string]string{"earlier archive": earlier, "archive": packed,
		"archive of an earlier archive": archived(t, earlier), "archive of an archive": archived(t, packed)} {
		if got := readingOf(t, form); got != want {
			t.Errorf("%s: read as\n%s, want\n%s", what, got, want)
		}
	}
	if err := Archive(dir, packed); err == nil || !strings.Contains(err.Error(), packed) {
		t.Errorf("over an archive: error %v", err)
	}
	if files, err := filepath.Glob(filepath.Join(packed, "*")); err != nil || len(files) != 2 {
		t.Errorf("an archive has %q (%v), want suite.json and runs.jsonl", files, err)
	}
	nothingIsLost(t, dir, packed)
	archiveIsASuite(t, packed)
}

// archived archives a suite under its own name, which a report shows.
func archived(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := Archive(dir, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// readingOf returns all that is read of a suite: its plan, its results and its table.
func readingOf(t *testing.T, dir string) string {
	t.Helper()
	p, results, err := Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Table(p, results)
	if err != nil {
		t.Fatal(err)
	}
	table, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v\n%+v\n%s", p, results, table)
}

// copyEarlier archives a suite in the form of earlier versions.
func copyEarlier(t *testing.T, dir, to string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "seed-*", "*.json*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, filepath.Join(dir, planFile)) {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains([]string{"config.json", "run.json", "evals.jsonl", planFile}, filepath.Base(name)) {
			continue
		}
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o777)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// nothingIsLost checks that the files of each run can be restored from its line to the last byte, and that its digest
// is that of its weights.
func nothingIsLost(t *testing.T, dir, packed string) {
	a, err := openArchive(packed)
	if err != nil || len(a.runs) != 8 {
		t.Fatalf("%d runs, %v", len(a.runs), err)
	}
	for name, line := range a.runs {
		run, err := lab.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if digest, err := run.Digest(); err != nil || digest.SHA256 != line.Digest {
			t.Errorf("%s: digest %q, want %q (%v)", name, line.Digest, digest.SHA256, err)
		}
		var evaluations []byte
		for _, e := range line.Evaluations {
			evaluations = append(append(evaluations, e...), '\n')
		}
		for file, got := range map[string][]byte{"config.json": indented(t, line.Config),
			"run.json": indented(t, line.Run), "evals.jsonl": evaluations} {
			if want, err := os.ReadFile(filepath.Join(dir, name, file)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s of %s is\n%s, want\n%s (%v)", file, name, got, want, err)
			}
		}
	}
}

func indented(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// archiveIsASuite checks that a suite does not train again what its archive holds, and can be made larger.
func archiveIsASuite(t *testing.T, packed string) {
	p, err := ReadPlan(packed)
	if err != nil {
		t.Fatal(err)
	}
	p.Agents = append(p.Agents, Cells("gru")...)
	if err := Create(packed, p); err != nil {
		t.Fatal(err)
	}
	skipped := 0
	run(t, packed, func(e Event) {
		if e.Skipped && e.Err == nil && e.Run.About.State == lab.Finished {
			skipped++
		}
	})
	if skipped != 8 {
		t.Errorf("%d runs were skipped, want 8", skipped)
	}
	_, results, err := Results(archived(t, packed))
	if err != nil || len(results) != 12 {
		t.Errorf("the larger suite's archive holds %d runs, want 12 (%v)", len(results), err)
	}
}

// TestDamagedArchives checks that a line of runs.jsonl that is cut, newer or there twice is an error that names it.
func TestDamagedArchives(t *testing.T) {
	t.Parallel()
	const line = `{"format":1,"task":"GoNogo","agent":"mpn","seed":0,"config":{},` +
		`"run":{"state":"finished","result":{}},"evaluations":[]}` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"cut", line[:40], "line 1: not as it was written"},
		{"newer", line + strings.Replace(line, `1`, `2`, 1), "line 2: unknown format 2"},
		{"twice", line + line, "line 2: run GoNogo/mpn/seed-0 stands here for the second time"},
		{"empty", line + "{}\n", `line 2: not as it was written: it has no "format": archive the suite again`},
		{"no seed", strings.Replace(line, `"seed":0,`, "", 1), `line 1: not as it was written: it has no "seed"`},
		{"a number", line + "5\n", "line 2: not as it was written: invalid value, a number: use an object"},
		{"another type", strings.Replace(line, `"GoNogo"`, "5", 1), "invalid task, a number: use a text"},
		{"a run that is none", strings.Replace(line, `{"state":"finished","result":{}}`, "5", 1),
			"line 1: not as it was written: invalid value, a number: use an object"},
		{"unfinished", strings.Replace(line, "finished", "running", 1), "its run has not finished"},
		{"an evaluation that is none", strings.Replace(line, "[]", `["a"]`, 1), "invalid value, a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := create(t, small())
			path := filepath.Join(dir, runsFile)
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, _, err := Results(dir); err == nil || !strings.Contains(err.Error(), path+", line") ||
				!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Go ") {
				t.Errorf("error %v", err)
			}
			if _, err := Run(t.Context(), dir, Options{}); err == nil {
				t.Error("it is trained")
			}
		})
	}
}

// TestMissingSummary checks that a run with a missing file is named, and that no half of an archive is left.
func TestMissingSummary(t *testing.T) {
	t.Parallel()
	dir := create(t, Plan{Tasks: []string{"GoNogo"}, Agents: Cells("frozen"), Seeds: 1, Preset: "default"})
	to := filepath.Join(t.TempDir(), "archive")
	a := archive{dir: dir}
	if _, err := a.pack(Assignment{Task: "GoNogo", Agent: "frozen"}); err == nil ||
		!strings.Contains(err.Error(), "seed-0") {
		t.Errorf("error %v", err)
	}
	if err := Archive(filepath.Join(dir, "none"), to); err == nil {
		t.Error("an archive of nothing")
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("half of an archive is left")
	}
}

// The lambda of a gated run is the median lambda_t of its last metrics with the quartiles, and its
// archive has the same. Where the metrics are gone nothing is known: the factor that all gates share is no answer.
func TestGatesOfARun(t *testing.T) {
	t.Parallel()
	p := small()
	p.Tasks, p.Agents, p.Seeds = p.Tasks[:1], Cells("mpn"), 1
	p.Agents[0].Set["forget_gate"], p.Agents[0].Set["train_lambda"] = "row", "false"
	dir := create(t, p)
	if failed := run(t, dir, nil); failed != 0 {
		t.Fatal("the run failed")
	}
	one, err := lab.Open(filepath.Join(dir, "GoNogo", "mpn", "seed-0"))
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := one.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	last := metrics[len(metrics)-1]
	want := fmt.Sprint(last.LambdaFirst, last.LambdaMedian, last.LambdaThird)
	for _, form := range []string{dir, archived(t, dir), archived(t, archived(t, dir))} {
		_, results, err := Results(form)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Table(p, results)
		if err != nil || rows[0].LambdaFirst == nil ||
			fmt.Sprint(*rows[0].LambdaFirst, *rows[0].Lambda, *rows[0].LambdaThird) != want {
			t.Errorf("%s: %+v, want lambda_t of %s (%v)", form, rows, want, err)
		}
	}
	earlier := filepath.Join(t.TempDir(), "suite")
	copyEarlier(t, dir, earlier)
	_, results, err := Results(earlier)
	if err != nil || len(results) != 1 || results[0].Gates != nil || !math.IsNaN(results[0].Lambda) {
		t.Errorf("without metrics: %+v, %v", results, err)
	}
}

// The runs of the archives in results/ have the config of their plan, also where a preset
// has changed since, so that 'suite run --plan' trains what the tables show. One run of each agent is read.
func TestResultsAreOfTheirPlans(t *testing.T) {
	t.Parallel()
	plans, err := filepath.Glob("../results/*/suite.json")
	if err != nil || len(plans) < 5 {
		t.Fatalf("plans %q, %v", plans, err)
	}
	for _, plan := range plans {
		dir := filepath.Dir(plan)
		p, _, err := Results(dir) // which knows environments of Python from their runs, where that Python is missing
		if err != nil {
			t.Fatal(err)
		}
		packed, err := openArchive(dir)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range packed.runs {
			if seen[r.Agent] {
				continue
			}
			seen[r.Agent] = true
			there, err := drqn.DecodeConfig(bytes.NewReader(r.Config), drqn.Earlier())
			if err == nil {
				there, err = there.WithoutUnused()
			}
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(p.Agents, func(a Agent) bool { return a.Name == r.Agent })
			if i < 0 {
				t.Fatalf("%s: no agent %q", plan, r.Agent)
			}
			want, err := p.config(r.Task, p.Agents[i])
			want.Seed = r.Seed
			if err != nil {
				t.Fatal(err)
			}
			if different := want.Differences(there); different != "" {
				t.Errorf("%s: agent %s on %s: its %s", plan, r.Agent, r.Task, different)
			}
		}
	}
}
