package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// talkative returns the arguments of a training that writes many lines of progress.
func talkative(dir string) string {
	return strings.Join(smallTraining(dir), " ") + " --updates 60 --eval-every 1 --no-report"
}

const (
	suiteOfTwo = "suite run " + smallSuite + " --seeds 2 --out "
	studyOfTwo = `{"goal": {"kind": "train", "set": {"task": "GoNogo", "hidden": 6, "input_size": 4, "batch": 4,
		"window": 4, "updates": 12, "learn_after": 40, "eval_every": 6, "eval_trials": 5}, "measure": "last",
		"seeds": 1}, "space": [{"name": "seed", "kind": "int", "low": 0, "high": 1}], "sampler": {"kind": "grid"},
		"trials": 2}`
)

// TestProgressUnread checks that progress that cannot be written stops nothing that trains.
func TestProgressUnread(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	study := filepath.Join(dir, "study.json")
	if err := os.WriteFile(study, []byte(studyOfTwo), 0o666); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"train":     talkative(dir + "/WHERE/run"),
		"members":   talkative(dir+"/WHERE/runs") + " --members 2",
		"suite run": suiteOfTwo + dir + "/WHERE/suite",
		"sweep run": "sweep run " + study + " --backend go --out " + dir + "/WHERE/study",
	}
	for where, how := range map[string]string{
		"full":   ` > $0.out 2>/dev/full; code=$?`,
		"closed": ` > $0.out 2>&-; code=$?`,
		"left":   ` 2>&1 > $0.out | true; code=${PIPESTATUS[0]}`,
		"head":   ` 2>&1 > $0.out | head -1 > /dev/null; code=${PIPESTATUS[0]}`,
	} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			if err := os.Mkdir(filepath.Join(dir, where), 0o777); err != nil {
				t.Fatal(err)
			}
			for name, args := range all {
				script := binary() + " " + strings.ReplaceAll(args, "WHERE", where) + how + `; exit $code`
				out := filepath.Join(dir, where, strings.Fields(name)[0])
				if said, err := exec.Command("bash", "-c", script, out).CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s", name, err, said)
				}
				result, err := os.ReadFile(out + ".out")
				if err != nil || name != "suite run" && len(result) == 0 {
					t.Errorf("%s printed no result: %v", name, err)
				}
			}
		})
	}
}

// TestReaderLeaves checks that training continues to its end after head has read its line, and then reports that its
// result is unread.
func TestReaderLeaves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for _, run := range []string{one, two} {
		script := binary() + " " + talkative(run) + ` 2>&1 | head -1; exit ${PIPESTATUS[0]}`
		if said, err := exec.Command("bash", "-c", script).CombinedOutput(); err == nil ||
			err.Error() != "exit status 1" {
			t.Errorf("%v: %s", err, said)
		}
		if list := ok(t, "runs", run); !strings.Contains(list, "finished") {
			t.Errorf("the run is not finished: %s", list)
		}
	}
	script := binary() + " resume --no-report " + one + " " + two + ` | true; exit ${PIPESTATUS[0]}`
	said, err := exec.Command("bash", "-c", script).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "engram: the result could not be written: ") {
		t.Errorf("%v: %s", err, said)
	}
}

// TestInterruptUnread interrupts a training whose reader has gone, as control-C through tee does.
func TestInterruptUnread(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary(),
		strings.Fields(talkative(dir)+" --updates 1000000 --checkpoint-every 100000 --metrics-every 1")...)
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	in.Close()
	for range 1000 { // until it trains
		if size(t, filepath.Join(dir, "evals.jsonl")) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	command.Wait()
	checkpoints, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "[0-9]*"))
	if code := command.ProcessState.ExitCode(); code != 130 || len(checkpoints) != 1 {
		t.Errorf("exit %d (%v) with the checkpoints %q, want 130 and one", code, command.ProcessState, checkpoints)
	}
}

// TestResultUnwritten checks that a result that cannot be written is an error, reported on standard error.
func TestResultUnwritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	for _, args := range []string{"help train", "train --help", "tasks --json",
		talkative(dir), talkative(dir) + " --json", "resume --no-report " + dir, "runs --json " + dir, "watch " + dir} {
		for _, where := range []string{">/dev/full", "| true"} {
			script := binary() + " " + args + " " + where + `; exit ${PIPESTATUS[0]}`
			said, err := exec.Command("bash", "-c", script).CombinedOutput()
			if where == "| true" && err == nil {
				continue // true may end only after the result was written
			}
			if err == nil || err.Error() != "exit status 1" ||
				!strings.Contains(string(said), "engram: the result could not be written: ") {
				t.Errorf("%s %s: %v: %s", args, where, err, said)
			}
		}
	}
}
