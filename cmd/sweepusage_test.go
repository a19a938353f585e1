package cmd

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/sweep"
	"engram/sweep/search"
)

// functionStudy makes a study of trials that take 100 ms each, and returns its directory.
func functionStudy(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "study")
	if err := sweep.Create(dir, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 10_000,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Milliseconds: 100}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What a study or a suite is asked for and cannot be is one line that names the remedy, before anything is made.
func TestUsageOfManyRuns(t *testing.T) {
	t.Parallel()
	study, out := functionStudy(t), filepath.Join(t.TempDir(), "out")
	for _, c := range []struct{ given, want string }{
		{"sweep nosuch", "command 'engram sweep nosuch' does not exist: 'engram sweep --help' lists them"},
		{"suite nosuch", "command 'engram suite nosuch' does not exist: 'engram suite --help' lists them"},
		{"sweep worker " + study + " --minutes -1", "invalid minutes -1: use a number above 0"},
		{"sweep worker " + study + " --minutes nan", "invalid minutes NaN: use a number above 0"},
		{"sweep resume " + study + " --minutes inf", "invalid minutes +Inf: use a number above 0"},
		{"sweep worker " + study + " --workers 1000000000", "invalid workers 1000000000: use 1 to 4096"},
		{"sweep resume " + study + " --pack 1000000000", "invalid pack 1000000000: use 1 to 4096"},
		{"sweep submit " + study + " --engine htcondor --partition x",
			"--partition has no effect with --engine htcondor: leave it out"},
		{"sweep submit " + study + " --engine slurm --image x",
			"--image has no effect with --engine slurm: leave it out"},
	} {
		if _, said, code := run(t, strings.Fields(c.given)...); code != 2 || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit code %d: %s", c.given, code, said)
		}
	}
	for _, c := range []struct{ given, want string }{
		{"--workers 1000000000", "invalid workers 1000000000: use 1 to 4096"},
		{"--seeds 9223372036854775807", "invalid seeds 9223372036854775807: use 1 to 4096"},
		{"--tasks GoNogo,GoNogo", "task GoNogo is named twice: name it once"},
		{"--cells gru --set forget_gate=row", "forget_gate has no effect with cell = gru: leave it out"},
	} {
		args := append(strings.Fields("suite run --out "+out), strings.Fields(c.given)...)
		if _, said, code := run(t, args...); code != 1 || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit code %d: %s", c.given, code, said)
		}
	}
	if _, said, code := run(t, "sweep", "submit", study, "--engine", "slurm", "--pack", "0"); code != 1 ||
		!strings.Contains(said, "pack 0") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// Many runs that a signal stops end with one line that says how they are resumed.
func TestInterruptedManyRuns(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "suite")
	for name, c := range map[string]struct{ given, began, want string }{
		"resume": {"sweep resume STUDY --quiet", "attempts/*.jsonl", "stopped: 'engram sweep resume STUDY' continues"},
		"JSON":   {"sweep resume STUDY --json", "attempts/*.jsonl", "stopped: 'engram sweep resume STUDY' continues"},
		"worker": {"sweep worker STUDY", "attempts/*.jsonl", "stopped: 'engram sweep resume STUDY' continues"},
		"suite": {"suite run --json --seeds 1 " + smallSuite + " --set updates=1000000 --out " + out, "",
			"stopped: the same command resumes it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			study := functionStudy(t)
			began := filepath.Join(study, c.began)
			if c.began == "" {
				began = out + "/GoNogo/mpn/seed-0/config.json"
			}
			command := exec.Command(binary(), strings.Fields(strings.ReplaceAll(c.given, "STUDY", study))...)
			var errs bytes.Buffer
			command.Stderr = &errs
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
				if found, err := filepath.Glob(began); err != nil || len(found) > 0 {
					break
				}
			}
			if err := command.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait()
			want := "engram: " + strings.ReplaceAll(c.want, "STUDY", study) + "\n"
			if code := command.ProcessState.ExitCode(); code != 130 || errs.String() != want {
				t.Errorf("exit code %d, %q; want 130, %q", code, errs.String(), want)
			}
		})
	}
}
