package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/drqn"
)

func TestTrainEvalReport(t *testing.T) {
	t.Parallel()
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

// TestInterrupt stops a training by a signal: it leaves a checkpoint and exits with the signal's code. Gone on with by
// the same command, and by resume, it comes to the bytes of a training that was left alone.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	training := func(dir string) []string {
		return append(smallTraining(dir), "--updates", "1200", "--metrics-every", "10", "--checkpoint-every", "400",
			"--eval-every", "200", "--no-report")
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
		if !strings.Contains(errs.String(), "interrupted: the last checkpoint is in "+dir+", and 'engram resume "+
			dir+"' continues") {
			t.Errorf("it said %q", errs.String())
		}
		ok(t, "eval", "--run", dir, "--trials", "3")
	}
	if out := ok(t, "resume", "--no-report", dir); !strings.Contains(out, "agent, greedy") {
		t.Errorf("resume prints %q", out)
	}
	for _, name := range []string{"metrics.jsonl", "evals.jsonl", "checkpoints/1200/weights.json",
		"checkpoints/1200/replay.bin"} {
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
	page := filepath.Join(dir, "report.html")
	for _, kept := range []string{"", "kept"} { // a report that is missing is written, and one that is there stays
		if out := ok(t, "resume", dir); !strings.Contains(out, "report: "+page) {
			t.Errorf("a finished run resumed prints %q", out)
		}
		if text, err := os.ReadFile(page); err != nil || kept != "" && string(text) != kept {
			t.Errorf("the report has %d bytes, %v", len(text), err)
		}
		if err := os.WriteFile(page, []byte("kept"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMembers trains two agents in one program; each has a run of its own, and either is a handle to resume both.
func TestMembers(t *testing.T) {
	t.Parallel()
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

// TestMoreOfAFinishedRun checks that extending a finished run is refused with the reason and the remedy, and so are
// commands that are given more runs than they take.
func TestMoreOfAFinishedRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "one", "run") // alone in its folder
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(copied(t), "run"))); err != nil {
		t.Fatal(err)
	}
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
		{[]string{"report", "--run", dir, dir}, 2, "takes one run, as --run DIR, or several without --run: "},
		{[]string{"eval", "--run", dir, dir}, 2, "takes one run, as --run DIR"},
		{[]string{"report", "--run", filepath.Dir(dir)}, 1, "holds runs: name one of them, such as " + dir},
	} {
		if out, errs, code := run(t, c.args...); code != c.code || !strings.Contains(errs, c.want) ||
			strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("engram %v: exit %d, %q, printed %q; want %d, %q", c.args, code, errs, out, c.code, c.want)
		}
	}
}

// TestSeedsThatWrapAround checks that members' seeds follow the first, and none is one of another run.
func TestSeedsThatWrapAround(t *testing.T) {
	if _, err := jobsOf(drqn.Config{Seed: math.MaxUint64}, trainOptions{dir: "x", members: 2, keep: 1}); err == nil ||
		!strings.Contains(err.Error(), "at most 18446744073709551614") {
		t.Errorf("error %v", err)
	}
	jobs, err := jobsOf(drqn.Config{Seed: math.MaxUint64 - 1}, trainOptions{dir: "x", members: 2, keep: 1})
	if err != nil || jobs[1].Config.Seed != math.MaxUint64 {
		t.Errorf("%v, %v", jobs, err)
	}
}

// TestCompilingNotice checks that the seconds in the notice are those that docs/performance.md has measured.
func TestCompilingNotice(t *testing.T) {
	page, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	measured := regexp.MustCompile(`first train step with its compilation, H = 64, L = 10 \| ([\d.]+) s.*\n` +
		`\| the same, H = 128, L = 50 \| ([\d.]+) s`)
	found := measured.FindStringSubmatch(string(page))
	if found == nil {
		t.Fatal("docs/performance.md has no first train step")
	}
	for i, steps := range []string{"10", "50"} {
		seconds, err := strconv.ParseFloat(found[i+1], 64)
		if err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(fmt.Sprintf(`%.0f s for (a window|one) of %s\b`, seconds, steps))
		if !want.MatchString(compiling) {
			t.Errorf("%q does not match %s", compiling, want)
		}
	}
}
