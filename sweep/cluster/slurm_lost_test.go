package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"engram/sweep"
)

// Where a worker runs when its trial is lost: a shell script that starts the command "$@" there. Both have an own host
// name and own process numbers; the machine also has another boot id, by which engram tells kernels apart.
var elsewhere = map[string]string{
	"container": `unshare --pid --fork --mount-proc --uts sh -c 'hostname elsewhere; exec "$@"' sh "$@"`,
	"machine": `unshare --pid --fork --mount-proc --uts sh -c 'hostname elsewhere
mount --bind "$0" /proc/sys/kernel/random/boot_id; exec "$@"' "$(dirname "$0")/boot_id" "$@"`,
}

// On a real Slurm, an agent trains on another host, or in another container of this one, and is lost with it: kill -9
// takes Slurm's step and all processes of the job. A task submitted again on this host takes the trial up as soon as
// its holder counts as dead, and the trial ends with the bytes of one that was left alone.
func TestSlurmAgentsLostElsewhereAreTakenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits two minutes until a holder counts as dead; the long run has it")
	}
	engram, dir := built(t), slurm(t)
	one := agents
	one.Trials = 1
	one.Goal.Set = sweep.Settings{"updates": "2000", "checkpoint_every": "200"}
	for name, value := range agents.Goal.Set {
		if _, set := one.Goal.Set[name]; !set {
			one.Goal.Set[name] = value
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "boot_id"), []byte("another-boot-id\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, start := range elsewhere {
		study = filepath.Join(dir, name)
		if err := sweep.Create(study, one); err != nil {
			t.Fatal(err)
		}
		wrapper := filepath.Join(dir, name+".sh")
		script := fmt.Sprintf("#!/bin/sh\nset -- %s \"$@\"\nexec %s\n", engram, start)
		if err := os.WriteFile(wrapper, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		job := submitted(t, engram, "10m", "--engram", wrapper)
		until(t, "the trial has a checkpoint", func() bool { return lastStep(t) > 200 })
		killJob(t, job)
		t.Logf("%s: killed job %s: %s", name, job, status(t).Line())
	}
	said(t, "scancel", "--user=root")
	for name := range elsewhere {
		study = filepath.Join(dir, name)
		until(t, "the task is gone", func() bool { return len(running(t)) == 0 })
		submit(t, engram, "10m")
	}
	for name := range elsewhere {
		study = filepath.Join(dir, name)
		until(t, "the study is done", func() bool { return status(t).Done })
		s := status(t)
		t.Logf("%s: %d attempts at %s; hosts set aside %v; %v", name, s.Attempts, s.Line(), s.Hosts, tries(t))
		if s.States[sweep.Complete] != 1 || s.Attempts != 2 || len(s.Hosts) > 0 {
			t.Errorf("%s: %d attempts at %s, hosts set aside %v\n%s", name, s.Attempts, s.Line(), s.Hosts, logs())
			continue
		}
		if second := tries(t)["000000"][1]; len(second.steps) == 0 || second.steps[0] <= 200 {
			t.Errorf("%s: the second attempt reported %v: it began anew", name, second.steps)
		}
		checkAlone(t, filepath.Join(study, "runs", "000000", "seed-0"))
	}
}

// lastStep returns the step of the last report of the study's only trial.
func lastStep(t *testing.T) (step int64) {
	t.Helper()
	for _, one := range tries(t)["000000"] {
		for _, step = range one.steps {
		}
	}
	return step
}

// killJob kills everything of a Slurm job at once: the daemon of its step, and all processes with its number.
func killJob(t *testing.T, job string) {
	t.Helper()
	step := regexp.MustCompile(`^slurmstepd: \[` + job + `\.`)
	files, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var daemons, others []int
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		line, _ := os.ReadFile(filepath.Join(file, "cmdline"))
		environment, _ := os.ReadFile(filepath.Join(file, "environ"))
		if step.Match(line) {
			daemons = append(daemons, pid)
		} else if strings.Contains("\x00"+string(environment), "\x00SLURM_JOB_ID="+job+"\x00") {
			others = append(others, pid)
		}
	}
	if len(daemons) == 0 || len(others) == 0 {
		t.Fatalf("job %s has the step daemons %v and the processes %v", job, daemons, others)
	}
	for _, pid := range append(daemons, others...) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
			t.Fatal(err)
		}
	}
}
