package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"engram/drqn"
	"engram/internal/selftest/kills"
	"engram/tasks"
)

var (
	scratch    string // of all the tests
	packageDir string // where the tests begin
)

func TestMain(m *testing.M) {
	var err error
	if packageDir, err = os.Getwd(); err != nil {
		panic(err)
	}
	if scratch, err = os.MkdirTemp("", "engram-test-*"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(scratch)
		os.Exit(code)
	}))
}

// binary builds the command under test, where a test runs it: fuzzing does not.
var binary = sync.OnceValue(func() string {
	path := filepath.Join(scratch, "engram")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = packageDir // a test may be elsewhere by now
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	return path
})

// run runs the command and returns what it printed and its exit code.
func run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := exec.Command(binary(), args...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// ok runs the command, which must succeed.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := run(t, args...)
	if code != 0 {
		t.Fatalf("engram %v: exit %d: %s", args, code, errs)
	}
	return out
}

// smallTraining are the arguments of a training of a moment.
func smallTraining(dir string) []string {
	return strings.Fields("train --task GoNogo --backend go --hidden 6 --input-size 4 --batch 4 --updates 12 --learn-after 40 --metrics-every 3 --eval-every 6 --eval-trials 5 --run " + dir)
}

func TestHelp(t *testing.T) {
	all := ok(t, "--help")
	if all != ok(t) {
		t.Error("without arguments the help is another")
	}
	for _, c := range newRoot().Commands() {
		if !strings.Contains(all, c.Name()) || c.Short == "" {
			t.Errorf("the help does not show %s", c.Name())
		}
		if help := ok(t, c.Name(), "--help"); !strings.Contains(help, "Usage:") {
			t.Errorf("%s --help prints %q", c.Name(), help)
		}
	}
	help := ok(t, "train", "--help")
	for _, f := range drqn.Fields() {
		if flag := "--" + strings.ReplaceAll(f.Name, "_", "-"); !strings.Contains(help, flag) ||
			!strings.Contains(help, f.Help) {
			t.Errorf("train --help does not explain %s", flag)
		}
	}
}

func TestTrainEvalReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	table := ok(t, smallTraining(dir)...)
	for _, want := range []string{"agent, greedy", "oracle", "report: " + filepath.Join(dir, "report.html")} {
		if !strings.Contains(table, want) {
			t.Errorf("training prints no %q:\n%s", want, table)
		}
	}
	var e map[string]any
	if err := json.Unmarshal([]byte(ok(t, "eval", "--run", dir, "--trials", "40", "--seed", "9", "--json")),
		&e); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"task", "trials", "reward_per_trial", "share_of_ceiling", "accuracy", "seed"} {
		if _, found := e[field]; !found {
			t.Errorf("eval --json lacks %s: %v", field, e)
		}
	}
	if best := ok(t, "eval", "--run", dir, "--trials", "5", "--checkpoint", "best"); !strings.HasPrefix(best,
		"GoNogo: ") {
		t.Errorf("eval of the best prints %q", best)
	}
	if e["trials"] != 40.0 || e["seed"] != 9.0 ||
		e["share_of_ceiling"] != e["reward_per_trial"].(float64)/e["trial_ceiling"].(float64) {
		t.Errorf("eval --json says %v", e)
	}
	if sum := ok(t, "digest", dir); len(sum) != 65 || !strings.Contains(ok(t, "digest", dir, "--json"), sum[:64]) {
		t.Errorf("digest prints %q", sum)
	}
	exported := ok(t, "export", dir, "--format", "npz")
	if want := filepath.Join(dir, "export", "weights.npz"); exported != want+"\n" {
		t.Errorf("export prints %q, want %q", exported, want)
	}
	out := filepath.Join(t.TempDir(), "r.html")
	if path := ok(t, "report", "--run", dir, "--out", out); path != out+"\n" {
		t.Errorf("report prints %q", path)
	}
	if info, err := os.Stat(out); err != nil || info.Size() < 1e6 {
		t.Errorf("the report: %v, %v", info, err)
	}
	again := append(smallTraining(dir), "--seed", "5")
	before, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, again...); code != 1 ||
		!strings.Contains(errs, "exists with another config: its seed is 0, not 5") {
		t.Errorf("training into an existing run: exit %d, %q", code, errs)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "config.json")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the existing run was changed: %v", err)
	}
	other := filepath.Join(t.TempDir(), "copy")
	result := ok(t, "train", "--config", filepath.Join(dir, "config.json"), "--seed", "5", "--backend", "go", "--json",
		"--run", other)
	if !json.Valid([]byte(result)) || strings.Count(result, "\n") != 1 {
		t.Errorf("train --json prints %q", result)
	}
}

func TestBadInput(t *testing.T) {
	released, err := filepath.Abs("../../lab/testdata/run-format-2")
	if err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	bad := filepath.Join(empty, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"hidden": 5, "colour": "red"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // in the one line
	}{
		{"fly", 2, `"fly" does not exist`},
		{"train --task GoNogo", 2, "--run"},
		{"train --task GoNogo --run x --speed 3", 2, "--speed"},
		{"train --task GoNogo --run x --hidden many", 2, "whole number"},
		{"train x --task GoNogo --run x", 2, "no arguments"},
		{"tasks show", 2, "NAME"},
		{"train --run x", 1, "task is missing"},
		{"train --task GoNoGo --run x", 1, "GoNogo"},
		{"train --task GoNogo --run x --preset fast", 1, "classic"},
		{"train --task GoNogo --run x --window -1", 1, "window -1"},
		{"train --task GoNogo --run x --capacity 10", 1, "capacity 10"},
		{"train --task GoNogo --run x --gamma 1.5", 1, "gamma 1.5"},
		{"train --task GoNogo --run x --gamma NaN", 1, "gamma NaN"},
		{"train --task GoNogo --run x --state-every 4", 1, "state_every"},
		{"train --task GoNogo --run x --cell frozen --eta 0.2", 1, "eta"},
		{"train --task GoNogo --run x --backend tpu", 1, "tpu"},
		{"train --task GoNogo --run x --config " + bad, 1, "colour"},
		{"train --task GoNogo --run x --config missing.json", 1, "missing.json"},
		{`train --task GoNogo --run x --task-options {"speed":1}`, 1, "speed"},
		{"train --task GoNogo --run " + empty, 1, "exists"},
		{"train --task GoNogo --run " + bad + "/run", 1, bad},
		{"eval --run " + empty, 1, "is not a run directory"},
		{"eval --checkpoint third --run " + released, 1, "third"},
		{"eval --checkpoint 5 --run " + released, 1, "checkpoints/5/manifest.json"},
		{"report --run " + empty, 1, "is not a run directory"},
		{"watch", 2, "RUN"},
		{"watch " + empty, 1, "holds no run"},
		{"runs missing", 1, "missing"},
		{"export x", 2, "--format"},
		{"export " + empty + " --format csv", 1, "is not a run directory"},
		{"tasks show Chess", 1, "Chess"},
		{"tasks show GoNogo --options {", 1, "options"},
		{"tasks trace GoNogo --policy best", 1, "best"},
		{"tasks trace GoNogo --steps 0", 1, "steps 0"},
		{"bench --rounds 0", 1, "0 rounds"},
		{"bench --only typo", 1, "train_step, compile"},
		{"bench growth --rounds 0", 1, "0 rounds"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, errs, code := run(t, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || out != "" {
				t.Errorf("exit %d, want %d; said %q, want one line with %q; printed %q", code, c.code, errs, c.want,
					out)
			}
			if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestTasks(t *testing.T) {
	var list []map[string]any
	if err := json.Unmarshal([]byte(ok(t, "tasks", "--json", "--trials", "50")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(tasks.Names()) || list[0]["name"] != "GoNogo" || list[0]["ceiling"] != 0.5 {
		t.Errorf("tasks --json prints %v", list)
	}
	table := ok(t, "tasks", "--trials", "50")
	for _, name := range tasks.Names() {
		if !strings.Contains(table, name) {
			t.Errorf("tasks does not list %s", name)
		}
		if drawn := ok(t, "tasks", "show", name); !strings.Contains(drawn, "ground truth") ||
			!strings.Contains(drawn, "reward") || !strings.Contains(drawn, "█") {
			t.Errorf("tasks show %s draws\n%s", name, drawn)
		}
	}
	if options := list[0]["options"].([]any); len(options) != 10 ||
		options[0].(map[string]any)["range"] != "1 or more" {
		t.Errorf("options of GoNogo: %v", options)
	}
	for _, form := range []string{"show ReadySetGo", "show ReadySetGo --json", "show --help",
		"show ReadySetGo --task-options {\"gain\":2}"} {
		out := ok(t, append([]string{"tasks"}, strings.Fields(form)...)...)
		for _, name := range []string{"dt", "timing.measure", "rewards.miss", "gain", "above 0, to 100"} {
			if !strings.Contains(out, name) {
				t.Errorf("tasks %s does not list %s:\n%s", form, name, out)
			}
		}
	}
	svg := filepath.Join(t.TempDir(), "trial.svg")
	ok(t, "tasks", "show", "GoNogo", "--svg", svg)
	if data, err := os.ReadFile(svg); err != nil || !bytes.Contains(data, []byte("<svg")) {
		t.Errorf("the picture: %v", err)
	}
}

func TestTrace(t *testing.T) {
	args := []string{"tasks", "trace", "GoNogo", "--seed", "3", "--policy", "gt", "--steps", "40", "--json"}
	lines := strings.Split(strings.TrimSpace(ok(t, args...)), "\n")
	if len(lines) != 40 {
		t.Fatalf("%d lines, want 40", len(lines))
	}
	ends := 0
	for _, line := range lines {
		var step map[string]any
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"observation", "action", "reward", "terminated", "truncated", "gt",
			"trial_end"} {
			if _, found := step[field]; !found {
				t.Fatalf("a line lacks %s: %s", field, line)
			}
		}
		if step["action"] != step["gt"] {
			t.Errorf("gt does not follow the ground truth: %s", line)
		}
		if step["trial_end"] == true {
			ends++
		}
	}
	if ends < 2 {
		t.Errorf("%d trials ended in 40 steps", ends)
	}
	if ok(t, args...) != strings.Join(lines, "\n")+"\n" {
		t.Error("the same seed gave another trace")
	}
}

func TestBench(t *testing.T) {
	var report benchReport
	args := []string{"bench", "--json", "--backend", "go", "--rounds", "2", "--only",
		"sample|push|prioritized|act|memory"}
	if err := json.Unmarshal([]byte(ok(t, args...)), &report); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range report.Rows {
		names = append(names, row.Name)
		if row.Median <= 0 || row.Low > row.Median || row.Median > row.High || row.Name != "memory" &&
			len(row.Rounds) != 2 {
			t.Errorf("%+v", row)
		}
		if row.Name != "memory" && (row.Allocs == nil || *row.Allocs != 0) {
			t.Errorf("%s allocates", row.Name)
		}
	}
	if slices.Sort(names); !slices.Equal(names, []string{"act", "act", "memory", "prioritized", "push", "sample"}) ||
		report.Machine == "" {
		t.Errorf("rows %v on %q", names, report.Machine)
	}
}

func TestDoctor(t *testing.T) {
	var d diagnosis
	if err := json.Unmarshal([]byte(ok(t, "doctor", "--json")), &d); err != nil {
		t.Fatal(err)
	}
	works := map[string]bool{}
	for _, f := range d.Backends {
		works[f.Backend] = f.Works
	}
	if !works["go"] || !works["xla:cpu"] || len(works) != 3 || d.Modules["github.com/gomlx/gomlx"] == "" {
		t.Errorf("the doctor says %+v", d)
	}
	if text := ok(t, "doctor"); !strings.Contains(text, "taken: ") {
		t.Errorf("the doctor says %q", text)
	}
}

// TestInterrupt stops a training by a signal: it leaves a checkpoint and exits with the signal's code. Gone on with by
// the same command, and by resume, it comes to the bytes of a training that was left alone.
func TestInterrupt(t *testing.T) {
	training := func(dir string) []string {
		return append(smallTraining(dir), "--updates", "3000", "--metrics-every", "10", "--checkpoint-every", "1000",
			"--no-report")
	}
	alone := filepath.Join(t.TempDir(), "alone")
	ok(t, training(alone)...)
	dir := filepath.Join(t.TempDir(), "run")
	for _, s := range []struct {
		signal syscall.Signal
		code   int
		args   []string
	}{{syscall.SIGINT, 130, training(dir)}, {syscall.SIGTERM, 143, training(dir)}, {syscall.SIGTERM, 143,
		[]string{"resume", dir}}} {
		before := size(t, filepath.Join(dir, "metrics.jsonl"))
		command := exec.Command(binary(), s.args...)
		var errs bytes.Buffer
		command.Stderr = &errs
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		for range 600 { // until it trains
			if size(t, filepath.Join(dir, "metrics.jsonl")) > before {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if err := command.Process.Signal(s.signal); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err == nil || command.ProcessState.ExitCode() != s.code {
			t.Errorf("it ended with %v: %s", err, errs.String())
		}
		if !strings.Contains(errs.String(), "interrupted: what was learned is in "+dir+", and 'engram resume "+dir+
			"' goes on") {
			t.Errorf("it said %q", errs.String())
		}
		ok(t, "eval", "--run", dir, "--trials", "3")
	}
	if out := ok(t, "resume", "--no-report", dir); !strings.Contains(out, "agent, greedy") {
		t.Errorf("resume prints %q", out)
	}
	for _, name := range []string{"metrics.jsonl", "evals.jsonl", "checkpoints/3000/weights.json",
		"checkpoints/3000/replay.bin"} {
		want, err := os.ReadFile(filepath.Join(alone, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another: %v", name, err)
		}
	}
	if again := ok(t, "resume", "--json", "--no-report", dir); !json.Valid([]byte(again)) {
		t.Errorf("a finished run resumed prints %q", again)
	}
}

// size is a file's; 0 where there is none.
func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestMembers trains two agents in one program; each has a run of its own, and either is a handle to go on with both.
func TestMembers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "two")
	args := append(smallTraining(dir), "--members", "2", "--json", "--no-report")
	if out := ok(t, args...); strings.Count(out, "\n") != 2 {
		t.Errorf("it prints %q, want a line for each agent", out)
	}
	out := ok(t, "resume", "--json", "--no-report", filepath.Join(dir, "seed-1"))
	if strings.Count(out, "\n") != 2 {
		t.Errorf("resume prints %q, want a line for each agent", out)
	}
	if _, errs, code := run(t, append(smallTraining(dir), "--members", "0")...); code != 1 ||
		!strings.Contains(errs, "members 0") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code := run(t, "resume"); code != 2 || !strings.Contains(errs, "takes the directories") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestUnusedDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	for _, want := range []string{dir, dir + "-2", dir + "-3"} {
		got := unusedDir(dir)
		if got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if err := os.Mkdir(got, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKills is the short form of 'engram selftest kills'.
func TestKills(t *testing.T) {
	var runs []kills.Run
	out := ok(t, "selftest", "kills", "--kills", "4", "--members", "1,2", "--backend", "go", "--updates", "300",
		"--dir", t.TempDir(), "--json")
	if err := json.Unmarshal([]byte(out), &runs); err != nil {
		t.Fatal(err)
	}
	killed, writing := 0, 0
	for _, r := range runs {
		killed, writing = killed+r.Kills, writing+r.Writing
		if len(r.Different) > 0 || len(r.Alone) != r.Members || !slices.Equal(r.Alone, r.Killed) {
			t.Errorf("seed %d, %s: %v, digests %v and alone %v", r.Seed, r.Kind, r.Different, r.Killed, r.Alone)
		}
	}
	if killed < 8 || writing == 0 {
		t.Errorf("%d kills, %d of them while writing a checkpoint: %+v", killed, writing, runs)
	}
}
