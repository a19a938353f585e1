// Package python tests the package engram of Python beside engram itself, in the environment that reads engram's files.
package python

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/internal/npz"
	"engram/lab"
	"engram/lab/export"
	"engram/lab/record"
	"engram/suite"
	"engram/sweep"
	"engram/sweep/search"
	"engram/tasks"
)

// TestMain is the program engram to the scripts: 'tasks serve' is the one command that they need.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"tasks", "serve"}) {
		if bridge.Serve(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// run runs a script of testdata with the package engram, in an environment of scripts/env, and decodes the JSON that it
// prints.
func run(t *testing.T, into any, environment, script string, args ...string) {
	t.Helper()
	python := exec.CommandContext(t.Context(), "../scripts/env/python.sh",
		append([]string{environment, filepath.Join("testdata", script)}, args...)...)
	python.Env, python.Stderr = append(os.Environ(), "PYTHONPATH=."), os.Stderr
	out, err := python.Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s printed %s: %v", script, out, err)
	}
}

// variants are the settings of every cell, gate, write, read, shape and head.
var variants = []map[string]string{
	{"cell": "mpn"}, {"cell": "mpn", "input": "identity"}, {"cell": "mpn", "readout": "0", "dueling": "true"},
	{"forget_gate": "scalar", "train_lambda": "false"},
	{"forget_gate": "row", "train_lambda": "false"},
	{"plasticity": "presynaptic"}, {"plasticity": "postsynaptic"},
	{"form": "additive", "forget_gate": "scalar", "train_lambda": "false"}, {"memory_bound": "0.1", "eta": "-0.5"},
	{"eta_shape": "row", "lambda_shape": "column"}, {"eta_shape": "column", "lambda_shape": "full"},
	{"eta_shape": "full", "lambda_shape": "row", "forget_gate": "row", "train_lambda": "false"},
	{"layers": "2"}, {"layers": "2", "form": "additive"},
	{"cell": "frozen"}, {"cell": "frozen", "layers": "2"}, {"cell": "rnn"}, {"cell": "rnn", "layers": "2"},
	{"cell": "gru", "dueling": "true"}, {"cell": "gru", "layers": "2"},
	{"cell": "lstm"}, {"cell": "lstm", "layers": "2"},
}

// steps is the number of steps without a reset that are compared.
const steps = 1000

// trained trains a run of a few updates with the settings into a folder of dir.
func trained(t *testing.T, dir, name string, sets map[string]string) *lab.Run {
	t.Helper()
	c, err := drqn.Assemble(drqntest.Small(t), sets)
	if err != nil {
		t.Fatal(err)
	}
	return labtest.Train(t, filepath.Join(dir, name), c)
}

// policyOf returns the policy of a run's newest checkpoint.
func policyOf(t *testing.T, r *lab.Run) *drqn.Policy {
	t.Helper()
	p, _, err := r.Policy()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSteps compares 1,000 steps of every cell and variant
// in the package's NumPy and in ONNX Runtime, with the
// stepper in Go. The state is never reset.
func TestSteps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, sets := range variants {
		r := trained(t, dir, strconv.Itoa(i), sets)
		if _, err := export.Write(r, "onnx", filepath.Join(r.Dir, "export")); err != nil {
			t.Fatal(err)
		}
		writeSteps(t, policyOf(t, r), filepath.Join(r.Dir, "steps.npz"))
	}
	var worst map[string]map[string]float64
	run(t, &worst, "readers", "steps.py", dir)
	for i, sets := range variants {
		got := worst[strconv.Itoa(i)]
		for _, what := range []string{"numpy", "batch", "onnx"} {
			if difference, found := got[what]; !found || !(difference <= 1e-5) {
				t.Errorf("%v: %s differs from Go by %v", sets, what, difference)
			}
		}
	}
}

// writeSteps writes what a policy computes for random observations.
func writeSteps(t *testing.T, p *drqn.Policy, path string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	state := make([]float32, stateSize(p))
	var observations, values, states []float32
	size := len(p.Spec().Observations)
	for range steps {
		o := make([]float32, size)
		for i := range o {
			o[i] = float32(rng.NormFloat64())
		}
		values = append(values, p.Ask(o, state)...)
		p.Advance(o, state)
		observations, states = append(observations, o...), append(states, state...)
	}
	writeArrays(t, path, map[string][]float32{"observations": observations, "values": values, "states": states})
}

// stateSize returns S, the numbers of a policy's state.
func stateSize(p *drqn.Policy) int {
	if p.StateShape() == nil {
		return 0
	}
	size := 1
	for _, n := range p.StateShape() {
		size *= n
	}
	return size
}

// writeArrays writes arrays of rows, one for each step.
func writeArrays(t *testing.T, path string, arrays map[string][]float32) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := npz.NewWriter(file)
	for name, values := range arrays {
		if err := archive.Put(name, "<f4", []int{steps, len(values) / steps}, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAgent lets the package's Agent act through the trials of Go's policy: it appends the previous action and reward,
// scales observations and resets where its episodes end, so that it gives the same values and actions.
func TestAgent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, sets := range []map[string]string{
		{"pass_action": "true", "pass_reward": "true", "observation_scale": "2"},
		{"pass_reward": "true", "episode": "session", "window": "20", "time_limit": "500", "return": "trial"},
		{"pass_action": "true", "cell": "gru"},
	} {
		name := strconv.Itoa(i)
		r := trained(t, dir, name, sets)
		traces, err := policyOf(t, r).Rollout(t.Context(), 20, 3)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(traces)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.Dir, "traces.json"), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var got map[string]struct {
		Worst   float64
		Actions float64 // share that agrees
		Steps   int
	}
	run(t, &got, "readers", "agent.py", dir)
	for name, g := range got {
		if g.Worst > 1e-5 || g.Actions != 1 || g.Steps < 100 {
			t.Errorf("agent %s: %+v", name, g)
		}
	}
	if len(got) != 3 {
		t.Errorf("%d agents", len(got))
	}
}

// TestRead reads a run with a recording, a damaged checkpoint and half a line, a suite and its archive, and a study.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := trained(t, dir, "run", map[string]string{"checkpoint_every": "6"})
	about, err := record.Write(t.Context(), policyOf(t, r), filepath.Join(r.Dir, "a.npz"),
		record.Options{Trials: 5, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	half, err := os.OpenFile(filepath.Join(r.Dir, "metrics.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.WriteString(`{"update":`); err != nil {
		t.Fatal(err)
	}
	half.Close()
	if err := os.Truncate(filepath.Join(r.Dir, "checkpoints", "12", "weights.json"), 100); err != nil {
		t.Fatal(err)
	}

	study := filepath.Join(dir, "study")
	err = sweep.Create(study, sweep.Study{Goal: sweep.Goal{Kind: "function", Function: "branin"},
		Sampler: search.Method{Kind: "halton"}, Trials: 6})
	if err == nil {
		err = sweep.Work(t.Context(), study, sweep.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sweep.Open(study)
	if err != nil {
		t.Fatal(err)
	}
	best, err := reader.Best()
	if err != nil {
		t.Fatal(err)
	}
	_, results, err := suite.Results("../results/cells")
	if err != nil {
		t.Fatal(err)
	}
	var share float64
	for _, one := range results {
		share += one.Share
	}

	var got struct {
		Updates    []int64
		Seed       uint64
		Steps      int
		Trials     int
		About      string
		Checkpoint int64
		Warned     []string
		Runs       int
		Share      float64
		Best       float64
		BestTrial  int
		Refused    []string
		Corridor   []string
		Corridors  [][]string
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666))
		if err != nil {
			t.Fatal(err)
		}
	}
	// Earlier versions left zeros out, and wrote a share and an accuracy of 0 where there is none.
	const nothingEarned = `"share_of_ceiling":0,"no_ceiling":true,"accuracy":0,"episodes":4}`
	for name, text := range map[string]string{
		"corridors/suite.json": "{}",
		"corridors/runs.jsonl": `{"task":"mine:Corridor","agent":"mpn","seed":0,"run":{"state":"finished","result":{` +
			nothingEarned + "}}\n" + `{"task":"mine:Corridor","agent":"mpn","seed":1,"run":{"state":"finished",` +
			`"result":{"share_of_ceiling":0,"accuracy":0.25}}}` + "\n",
		"corridor/config.json": "{}", "corridor/run.json": "{}", "corridor/evals.jsonl": "{" + nothingEarned + "\n",
	} {
		write(name, text)
	}
	run(t, &got, "readers", "read.py", dir, "../results/cells")
	var updates []int64
	for _, m := range metrics {
		updates = append(updates, m.Update)
	}
	check := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	check("updates", got.Updates, updates)
	check("seed", got.Seed, r.About.Result.Seed)
	check("steps", got.Steps, about.Steps)
	check("trials", got.Trials, 5)
	check("about", got.About, "GoNogo")
	check("checkpoint", got.Checkpoint, 6)
	check("warnings", len(got.Warned), 1)
	check("runs", got.Runs, len(results))
	check("share", fmt.Sprintf("%.9f", got.Share), fmt.Sprintf("%.9f", share))
	check("best", got.Best, *best.Value)
	check("best trial", got.BestTrial, best.Trial)
	check("refused", got.Refused, []string{})
	check("evaluation without a ceiling", got.Corridor, []string{"nan"})
	check("runs without a ceiling", got.Corridors,
		[][]string{{"nan", "nan", "0.0", "0.0"}, {"0.0", "0.25", "nan", "nan"}})
}

// played is an episode of a task as the script of tasks expects it.
type played struct {
	Name    string          `json:"name"`
	Options json.RawMessage `json:"options"`
	Limit   int             `json:"limit"`
	Seed    uint64          `json:"seed"`
	First   []float32       `json:"first"`
	Steps   []playedStep    `json:"steps"`
}

type playedStep struct {
	Action int       `json:"action"`
	Seen   []float32 `json:"seen"`
	Reward float32   `json:"reward"`
	Truth  int       `json:"truth"`
	Flags  int       `json:"flags"` // of package bridge
}

// play plays an episode of a task in Go, with actions that go around.
func play(t *testing.T, name, options string, limit int, seed uint64) played {
	t.Helper()
	env, err := tasks.New(name, json.RawMessage(options))
	if err == nil {
		env, err = tasks.Wrap(env, tasks.Wrappers{TimeLimit: limit})
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := env.Reset(seed)
	if err != nil {
		t.Fatal(err)
	}
	p := played{name, json.RawMessage(options), limit, seed, slices.Clone(first), nil}
	for i := range 200 {
		action := i / 3 % len(env.Spec().Actions)
		s, err := env.Step(action)
		if err != nil {
			t.Fatal(err)
		}
		flags := 0
		for bit, is := range []bool{s.Terminated, s.Truncated, s.Info.TrialEnd, s.Info.Correct, s.Info.HasTruth} {
			if is {
				flags |= 1 << bit
			}
		}
		p.Steps = append(p.Steps, playedStep{action, slices.Clone(s.Observation), s.Reward, s.Info.GroundTruth, flags})
		if s.Terminated || s.Truncated {
			break
		}
	}
	return p
}

// TestTasks steps engram's tasks in Gymnasium: the same numbers as in Go, Gymnasium's own checks of each, a vector of
// them, and what is refused.
func TestTasks(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var episodes []played
	for _, name := range tasks.Names() {
		episodes = append(episodes, play(t, name, "{}", 150, 1<<40))
	}
	episodes = append(episodes, play(t, "GoNogo", `{"dt": 50}`, 0, 7))
	data, err := json.Marshal(episodes)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "episodes.json")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tasks int
		Wrong []string
	}
	run(t, &got, "environments", "tasks.py", program, path)
	if got.Tasks != len(tasks.Names()) || len(got.Wrong) > 0 {
		t.Errorf("%d tasks; wrong: %q", got.Tasks, got.Wrong)
	}
}
