package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"engram/analysis"
	"engram/internal/engramtest"
	"engram/internal/lock"
	"engram/lab"
)

// engram is the built command: each run of a suite is a process of it.
var engram string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "engram-suite-*")
	if err != nil {
		panic(err)
	}
	engram = filepath.Join(dir, "engram")
	if err := engramtest.Build("", engram); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// small returns a plan whose runs take a moment.
func small() Plan {
	return Plan{Tasks: []string{"GoNogo", "TemporalOrder"}, Agents: Cells("mpn", "frozen"), Seeds: 2, Preset: "default",
		Set: map[string]string{
			"updates": "12", "update_every": "4", "hidden": "6", "readout": "0", "input_size": "4", "batch": "4",
			"learn_after": "40", "metrics_every": "3", "eval_every": "6", "eval_trials": "5"}}
}

// ofOne creates a suite of one run and returns its directory and that of the run.
func ofOne(t *testing.T) (dir, run string) {
	t.Helper()
	p := small()
	p.Tasks, p.Agents, p.Seeds = p.Tasks[:1], Cells("frozen"), 1
	dir = create(t, p)
	return dir, filepath.Join(dir, "GoNogo", "frozen", "seed-0")
}

func create(t *testing.T, p Plan) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "suite")
	if err := Create(dir, p); err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir string, watch func(Event)) int {
	t.Helper()
	failed, err := Run(context.Background(), dir, Options{Executable: engram, Backend: "go", Workers: 2, Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	return failed
}

func TestSuite(t *testing.T) {
	dir := create(t, small())
	if failed := run(t, dir, nil); failed != 0 {
		t.Fatalf("%d runs failed", failed)
	}
	p, results, err := Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Table(p, results)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || len(results) != 8 {
		t.Fatalf("%d rows of %d results, want 4 of 8", len(rows), len(results))
	}
	for _, row := range rows {
		compareRow(t, dir, row)
	}
	t.Run("again trains nothing", func(t *testing.T) {
		skipped := 0
		run(t, dir, func(e Event) {
			if e.Skipped {
				skipped++
			}
		})
		if skipped != 8 {
			t.Errorf("%d runs were skipped, want 8", skipped)
		}
	})
	t.Run("archive", func(t *testing.T) { testArchive(t, dir) })
}

// compareRow computes a row's numbers from the runs' own files.
func compareRow(t *testing.T, dir string, row Row) {
	t.Helper()
	var shares, rewards []float64
	for _, seed := range []string{"seed-0", "seed-1"} {
		r, err := lab.Open(filepath.Join(dir, row.Task, row.Agent, seed))
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, r.About.Result.ShareOfCeiling)
		rewards = append(rewards, r.About.Result.RewardPerTrial)
	}
	if *row.RewardLow != slices.Min(rewards) || *row.RewardHigh != slices.Max(rewards) ||
		math.Abs(*row.Reward-(rewards[0]+rewards[1])/2) > 1e-12 {
		t.Errorf("%s %s: %+v, the rewards are %v", row.Task, row.Agent, row, rewards)
	}
	mean := (shares[0] + shares[1]) / 2 // of two, nothing is cut
	if row.Seeds != 2 || row.Missing != 0 || math.Abs(*row.IQM-mean) > 1e-12 || *row.Lowest != slices.Min(shares) {
		t.Errorf("%s %s: %+v, the shares are %v", row.Task, row.Agent, row, shares)
	}
	if *row.Low < slices.Min(shares) || *row.High > slices.Max(shares) || *row.Low > *row.High {
		t.Errorf("%s %s: interval %v to %v of %v", row.Task, row.Agent, *row.Low, *row.High, shares)
	}
	want := 6*(4+1) + 2*(6+1) // frozen: W and b, Wq and bq; both tasks have two actions
	if row.Agent == "mpn" {
		want += 2
	}
	if row.Parameters != want {
		t.Errorf("%s %s: %d parameters, want %d", row.Task, row.Agent, row.Parameters, want)
	}
}

// A suite's plan is a plan for another.
func TestLoadPlan(t *testing.T) {
	dir := create(t, small())
	p, err := LoadPlan(filepath.Join(dir, planFile))
	if err != nil || !reflect.DeepEqual(p, small()) {
		t.Errorf("%+v, %v", p, err)
	}
	for name, text := range map[string]string{"cut.json": `{"tasks": [`, "word.json": `{"task": "GoNogo"}`,
		"empty.json": `{}`} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadPlan(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: error %v", name, err)
			}
		})
	}
}

// A suite that is stopped keeps what has finished and trains the rest when it is called again.
func TestStopAndGoOn(t *testing.T) {
	p := small()
	p.Tasks, p.Agents, p.Seeds = []string{"GoNogo"}, Cells("frozen"), 4
	dir := create(t, p)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, dir, Options{Executable: engram, Backend: "go", Workers: 1, Watch: func(e Event) {
		if e.Done {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("it was not stopped")
	}
	_, before, err := Results(dir)
	if err != nil || len(before) == 0 || len(before) == 4 {
		t.Fatalf("%d runs have finished (%v): the test tests nothing", len(before), err)
	}
	skipped := 0
	run(t, dir, func(e Event) {
		if e.Skipped {
			skipped++
		}
	})
	_, after, err := Results(dir)
	if err != nil || len(after) != 4 || skipped != len(before) {
		t.Errorf("%d runs, %d of them from before, want 4 and %d (%v)", len(after), skipped, len(before), err)
	}
}

// A run that fails is reported with its seed and the reason, and the others continue.
func TestFailedRuns(t *testing.T) {
	p := small()
	p.Tasks, p.Agents, p.Seeds = []string{"GoNogo"}, Cells("frozen"), 2
	dir := create(t, p)
	// In the way of seed 0: a directory that cannot be removed or replaced, as when a disk goes read-only.
	blocked := filepath.Join(dir, "GoNogo")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var said []string
	failed := run(t, dir, func(e Event) {
		if e.Err != nil {
			said = append(said, e.Err.Error())
		}
	})
	slices.Sort(said)
	if failed != 2 || len(said) != 2 || !strings.Contains(said[0], "seed-0") || !strings.Contains(said[1], "seed-1") {
		t.Errorf("%d failed: %q", failed, said)
	}
	p2, results, err := Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Table(p2, results)
	if err != nil || rows[0].Missing != 2 || rows[0].IQM != nil {
		t.Errorf("rows %+v, %v", rows, err)
	}
	if _, err := json.Marshal(rows); err != nil {
		t.Errorf("missing numbers cannot be written: %v", err)
	}
}

func TestBadPlans(t *testing.T) {
	for _, c := range []struct {
		names string
		spoil func(*Plan)
	}{
		{"use mpn", func(p *Plan) { p.Agents = Cells("brain") }},
		{"ReadySetGo", func(p *Plan) { p.Tasks = []string{"GoNoGo"} }},
		{"invalid seeds 0: use 1 to 4096", func(p *Plan) { p.Seeds = 0 }},
		{"invalid seeds 1000000000000: use 1 to 4096", func(p *Plan) { p.Seeds = 1e12 }},
		{"task GoNogo is named twice", func(p *Plan) { p.Tasks = []string{"GoNogo", "TemporalOrder", "GoNogo"} }},
		{"a name of 300 bytes", func(p *Plan) { p.Agents[0].Name = strings.Repeat("a", 300) }},
		{`"nope"`, func(p *Plan) { p.Set["nope"] = "1" }},
		{"seed is the suite's own", func(p *Plan) { p.Set["seed"] = "1" }},
		{`"../x" cannot name`, func(p *Plan) { p.Agents[0].Name = "../x" }},
		{`two agents are called "mpn"`, func(p *Plan) { p.Agents[1].Name = "mpn" }},
		{"agent mpn: eta", func(p *Plan) { p.Agents[0].Set["eta"] = "large" }},
		{"preset", func(p *Plan) { p.Preset = "best" }},
		{"one task and one agent", func(p *Plan) { p.Tasks = nil }},
		{"gamma 2", func(p *Plan) { p.Set["gamma"] = "2" }},
	} {
		p := small()
		c.spoil(&p)
		if _, err := p.Expand(); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("error %v does not name %q", err, c.names)
		}
	}
}

// Nothing in a new plan is ignored: what no agent uses is refused, and so is what an agent itself does not use.
func TestSettingsWithoutEffect(t *testing.T) {
	gru := func(set ...string) []Agent {
		agents := Cells("mpn", "gru")
		for _, name := range set {
			agents[1].Set[name] = map[string]string{"forget_gate": "row", "eta": "3", "hidden": "8"}[name]
		}
		return agents
	}
	for _, c := range []struct {
		what, names string
		change      func(*Plan)
	}{
		{"an agent's own", "agent gru: forget_gate has no effect with cell = gru: leave it out",
			func(p *Plan) { p.Agents = gru("forget_gate") }},
		{"the plan's, for no agent", "lambda has no effect with cell = gru: leave it out",
			func(p *Plan) { p.Agents, p.Set["lambda"] = Cells("gru"), "0.5" }},
		{"the plan's, for one agent", "", func(p *Plan) { p.Agents, p.Set["lambda"] = gru(), "0.5" }},
		{"every agent has its own", "eta is set by the plan and by every agent",
			func(p *Plan) {
				p.Agents, p.Set["eta"] = Cells("mpn"), "0.5"
				p.Agents[0].Set["eta"] = "0.25"
			}},
		{"hidden units that are matched", "agent gru: hidden has no effect with match_parameters = true",
			func(p *Plan) { p.Agents, p.MatchParameters = gru("hidden"), true }},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := small()
			c.change(&p)
			dir := filepath.Join(t.TempDir(), "suite")
			err := Create(dir, p)
			if c.names == "" && err != nil || c.names != "" && (err == nil || !strings.Contains(err.Error(), c.names)) {
				t.Errorf("error %v, want %q", err, c.names)
			}
			if _, err := os.Stat(dir); c.names != "" && err == nil {
				t.Error("a directory was made")
			}
		})
	}
	t.Run("a suite of an earlier version", func(t *testing.T) {
		p := small()
		p.Agents = gru("eta")
		dir := t.TempDir()
		if err := p.write(dir); err != nil {
			t.Fatal(err)
		}
		if err := Create(dir, p); err != nil {
			t.Errorf("it cannot be resumed: %v", err)
		}
		p.Agents = append(gru("eta"), Agent{Name: "gated", Set: gru("forget_gate")[1].Set})
		if err := Create(dir, p); err == nil || !strings.Contains(err.Error(), "agent gated: forget_gate") {
			t.Errorf("a further agent: %v", err)
		}
	})
}

// The plans of results/ are those of new suites, too.
func TestPlansOfResults(t *testing.T) {
	plans, err := filepath.Glob("../results/*/suite.json")
	if err != nil || len(plans) == 0 {
		t.Fatalf("%d plans, %v", len(plans), err)
	}
	for _, path := range plans {
		p, err := ReadPlan(filepath.Dir(path))
		if err == nil && p.describedWhole() {
			err = Create(filepath.Join(t.TempDir(), "suite"), p)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// describedWhole reports whether all of a plan's environments are known without Python.
func (p Plan) describedWhole() bool {
	return !slices.ContainsFunc(p.Tasks, func(task string) bool {
		return slices.ContainsFunc(p.Agents, func(a Agent) bool { return !p.described(task, a) })
	})
}

// Numbers and truth values may stand in a plan as such.
func TestNumbersInAPlan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.json")
	const text = `{"tasks": ["GoNogo"], "seeds": 1, "set": {"train_eta": false},
		"agents": [{"name": "small", "set": {"hidden": 8}}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := LoadPlan(path)
	if err != nil || p.Agents[0].Set["hidden"] != "8" || p.Set["train_eta"] != "false" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAnotherSuiteIsRefused(t *testing.T) {
	dir := create(t, small())
	if err := Create(dir, small()); err != nil {
		t.Errorf("the same plan: %v", err)
	}
	for what, change := range map[string]func(*Plan){
		"use --seeds 2 or more":   func(p *Plan) { p.Seeds = 1 },
		"name frozen, too":        func(p *Plan) { p.Agents = p.Agents[:1] },
		"name TemporalOrder, too": func(p *Plan) { p.Tasks = p.Tasks[:1] },
		"frozen is made of":       func(p *Plan) { p.Agents[1].Set = map[string]string{"cell": "gru"} },
		"hyperparameters":         func(p *Plan) { p.Set["gamma"] = "0.5" },
		"preset":                  func(p *Plan) { p.Preset = "session" },
	} {
		t.Run(what, func(t *testing.T) {
			p := small()
			change(&p)
			if err := Create(dir, p); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: error %v", what, err)
			}
		})
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(other, small()); err == nil || !strings.Contains(err.Error(), other) {
		t.Errorf("someone else's directory: error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, planFile), []byte(`{"tasks": [`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPlan(dir); err == nil || !strings.Contains(err.Error(), planFile) {
		t.Errorf("a plan cut short: error %v", err)
	}
}

// Over all tasks, the intervals are those of the matrix of shares.
func TestAcrossTasks(t *testing.T) {
	p := Plan{Tasks: []string{"a", "b"}, Agents: Cells("x", "y"), Seeds: 4}
	var results []Result
	for seed := range 4 {
		for i, task := range p.Tasks {
			results = append(results, Result{Assignment: Assignment{Task: task, Agent: "x", Seed: uint64(seed)},
				Share: float64(seed)/10 + float64(i)})
			if seed < 3 || task == "a" { // y lacks a run
				results = append(results,
					Result{Assignment: Assignment{Task: task, Agent: "y", Seed: uint64(seed)}, Share: 1})
			}
		}
	}
	all, err := AcrossTasks(p, results)
	if err != nil || len(all) != 1 || all[0].Agent != "x" {
		t.Fatalf("%+v, %v: want x alone, y is not whole", all, err)
	}
	want, err := analysis.IQM([][]float64{{0, 1}, {0.1, 1.1}, {0.2, 1.2}, {0.3, 1.3}})
	if err != nil || all[0].IQM.Point != want || all[0].Improvement.Point != 0.5 {
		t.Errorf("IQM %v, want %v; against itself %v, want 0.5 (%v)", all[0].IQM, want, all[0].Improvement, err)
	}
}

// A second process on a suite learns who runs it.
func TestSecondProcess(t *testing.T) {
	dir := create(t, small())
	held, err := lock.Acquire("suite", dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if _, err := Run(context.Background(), dir, Options{Executable: engram, Backend: "go", Workers: 1}); err == nil ||
		!strings.Contains(err.Error(), "suite "+dir+" is in use by process") {
		t.Errorf("error %v", err)
	}
}

// TestGoesOn stops a suite while it trains: called again, it resumes the run that was cut short, which comes to
// what it comes to without.
func TestGoesOn(t *testing.T) {
	p := small()
	p.Tasks, p.Agents, p.Seeds = p.Tasks[:1], p.Agents[:1], 1
	p.Set["updates"], p.Set["checkpoint_every"] = "900", "100"
	whole, dir := create(t, p), create(t, p)
	run(t, whole, nil)
	assignments, err := p.Assignments()
	if err != nil {
		t.Fatal(err)
	}
	path := assignments[0].String()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for ctx.Err() == nil {
			if found, _ := filepath.Glob(filepath.Join(dir, path, "checkpoints", "[1-9]*")); len(found) > 0 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := Run(ctx, dir, Options{Executable: engram, Backend: "go", Workers: 1}); !errors.Is(err,
		context.Canceled) {
		t.Fatalf("error %v", err)
	}
	stopped, err := lab.Open(filepath.Join(dir, path))
	if err != nil || stopped.About.State != lab.Interrupted {
		t.Fatalf("%+v, %v", stopped, err)
	}
	run(t, dir, nil)
	finished, err := lab.Open(filepath.Join(dir, path))
	if err != nil || finished.About.State != lab.Finished || finished.About.Created != stopped.About.Created {
		t.Errorf("%+v, %v: it was begun again", finished.About, err)
	}
	for _, name := range []string{"metrics.jsonl", "evals.jsonl", "checkpoints/900/weights.json"} {
		want, err := os.ReadFile(filepath.Join(whole, path, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, path, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another: %v", name, err)
		}
	}
}

// TestPlanWithoutPython checks that a suite whose environment's Python is missing is read, and that its training says
// what is missing.
func TestPlanWithoutPython(t *testing.T) {
	t.Setenv("ENGRAM_PYTHON", "/nowhere/python")
	dir := t.TempDir()
	plan := `{"tasks":["gymnasium:CartPole-v1"],"agents":[{"name":"mpn"}],"seeds":1,"preset":"general"}`
	if err := os.WriteFile(filepath.Join(dir, "suite.json"), []byte(plan), 0o666); err != nil {
		t.Fatal(err)
	}
	if p, err := ReadPlan(dir); err != nil || len(p.Tasks) != 1 {
		t.Errorf("the plan is %+v, %v", p, err)
	}
	for _, path := range []func() error{
		func() error { _, err := Missing(dir); return err },
		func() error { _, err := LoadPlan(filepath.Join(dir, "suite.json")); return err },
	} {
		if err := path(); err == nil || strings.Contains(err.Error(), "is not a suite") ||
			!strings.Contains(err.Error(), "/nowhere/python") {
			t.Errorf("error %v", err)
		}
	}
}
