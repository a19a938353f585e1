package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/internal/engramtest"
	"engram/sweep"
	"engram/sweep/search"
)

// slurm starts a Slurm of one machine for the test.
func slurm(t *testing.T) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "slurm-test-") // sockets want a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		slurmScript(t, "down", dir)
		os.RemoveAll(dir)
	})
	slurmScript(t, "up", dir)
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
	return dir
}

func slurmScript(t *testing.T, what, dir string) {
	t.Helper()
	command := exec.Command("testdata/slurm.sh", what, dir)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	command.WaitDelay = time.Second // daemons keep what they were given
	if err := command.Run(); err != nil && command.ProcessState.ExitCode() != 0 {
		t.Fatalf("slurm.sh %s: %v", what, err)
	}
}

// built builds engram for the test and returns its path.
func built(t *testing.T) (engram string) {
	t.Helper()
	engram = filepath.Join(t.TempDir(), "engram")
	if err := engramtest.Build("", engram); err != nil {
		t.Fatal(err)
	}
	return engram
}

// said returns the output of a command of Slurm.
func said(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := ask(name, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(4 * time.Minute); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s\n%s", what, logs())
		}
	}
}

var study string

// logs returns the tasks' logs, for messages.
func logs() string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(study, "logs", "*"))
	for _, file := range files {
		data, _ := os.ReadFile(file)
		fmt.Fprintf(&all, "%s:\n%s\n", file, data)
	}
	return all.String()
}

// status reads the study.
func status(t *testing.T) sweep.Status {
	t.Helper()
	r, err := sweep.Open(study)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Status()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// task is the process of the worker of a running attempt, and the batch script that started it.
type task struct{ worker, script int }

// running returns the running tasks by the numbers of their jobs.
func running(t *testing.T) map[string]task {
	t.Helper()
	found := map[string]task{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		line, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		environment, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		stat, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if !strings.Contains(string(line), "sweep\x00worker\x00"+study+"\x00") {
			continue
		}
		for _, variable := range strings.Split(string(environment), "\x00") {
			if job, ok := strings.CutPrefix(variable, "SLURM_JOB_ID="); ok {
				parent, _ := strconv.Atoi(strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))[1])
				found[job] = task{pid, parent}
			}
		}
	}
	return found
}

// any waits for a running task and returns its job.
func any(t *testing.T) (job string, of task) {
	t.Helper()
	until(t, "a task runs", func() bool {
		for job, of = range running(t) {
			return true
		}
		return false
	})
	return job, of
}

// A study of 16 trials on a real Slurm is complete, and every trial counts once, although a batch script is killed, a
// task is queued again by the signal that comes before a time limit, and the node's daemon is killed and restarted.
func TestSlurmCarriesAStudyOutThroughFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute of waiting; the long run has it")
	}
	engram, dir := built(t), slurm(t)
	study = filepath.Join(dir, "study")
	if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "tpe"}, Trials: 16, MaxAttempts: 20,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 20, Milliseconds: 300}}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(engram, "sweep", "submit", study, "--engine", "slurm", "--tasks", "4", "--memory", "200",
		"--time", "10m").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	until(t, "four tasks run", func() bool { return len(running(t)) == 4 })
	until(t, "they have trials", func() bool { return status(t).States[sweep.Running] == 4 })

	killed, of := any(t)
	for _, pid := range []int{of.script, of.worker} { // Slurm alone would let the worker of a killed script run on
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the killed batch script's job is over", func() bool { _, there := running(t)[killed]; return !there })

	requeued, _ := any(t)
	said(t, "scancel", "--batch", "--signal=USR1", requeued)
	until(t, "the task is queued again",
		func() bool { return strings.Contains(said(t, "scontrol", "show", "job", requeued), "Restarts=1") })

	slurmScript(t, "restart", dir)
	if queue := Queue(study, false); !strings.HasPrefix(queue, "Slurm array ") {
		t.Errorf("the queue is %q", queue)
	}

	until(t, "the study is done", func() bool { return status(t).Done })
	s := status(t)
	// one was lost and one interrupted at least
	if s.States[sweep.Complete] != 16 || len(s.Failed) > 0 || s.Attempts < 18 {
		t.Errorf("%d attempts at %s", s.Attempts, s.Line())
	}
	t.Logf("%d attempts at %s", s.Attempts, s.Line())
	until(t, "Slurm has nothing left to do", func() bool { return said(t, "squeue", "--noheader") == "" })
	if after := status(t); after.Attempts != s.Attempts {
		t.Errorf("%d attempts when the study was done, %d at the end: a finished study was run on", s.Attempts,
			after.Attempts)
	}
	if out, err := exec.Command(engram, "sweep", "check", study).CombinedOutput(); err != nil {
		t.Errorf("sweep check: %v: %s", err, out)
	}
	var told sweep.Status
	out, err = exec.Command(engram, "sweep", "status", study, "--json").Output()
	if err != nil || json.Unmarshal(out, &told) != nil || told.States[sweep.Complete] != 16 {
		t.Errorf("sweep status says %s, %v", out, err)
	}
}
