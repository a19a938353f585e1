package cluster

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"engram/sweep"
	"engram/sweep/search"
)

// On a real Slurm: more tasks than an array may have are refused with the limit, and nothing is submitted; a study
// whose path has percent signs is carried out, and its logs are in its own folder; a job that can never begin says why.
func TestSlurmLimitsAndPercentSigns(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a Slurm; the long run has it")
	}
	engram, dir := built(t), slurm(t)
	submit := func(arguments ...string) (string, error) {
		out, err := exec.Command(engram,
			append([]string{"sweep", "submit", study, "--engine", "slurm", "--memory", "100"},
				arguments...)...).CombinedOutput()
		return string(out), err
	}
	for _, name := range []string{"50%A", "p%%q", "a%j-"} {
		study = filepath.Join(dir, name)
		if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 4,
			Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 2}}); err != nil {
			t.Fatal(err)
		}
		if out, err := submit("--tasks", "5000"); err == nil ||
			!strings.Contains(out, "5000 tasks are more than this Slurm's 1001") ||
			said(t, "squeue", "--noheader") != "" {
			t.Errorf("5000 tasks: %v: %s", err, out)
		}
		if out, err := submit("--tasks", "2", "--time", "0-00:10:00"); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		until(t, "the study is done", func() bool { return status(t).Done })
		until(t, "Slurm has nothing left to do", func() bool { return said(t, "squeue", "--noheader") == "" })
		if found, _ := filepath.Glob(filepath.Join(study, logsDir, "*.log")); len(found) != 3 {
			t.Errorf("%s: logs %q, want those of two tasks and the one after them", name, found)
		}
	}
	said(t, "scontrol", "update", "PartitionName=main", "MaxTime=5")
	if out, err := submit("--tasks", "1", "--time", "10m"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	until(t, "the status says why nothing begins",
		func() bool { return strings.Contains(Queue(study, false), "pending (PartitionTimeLimit)") })
	said(t, "scancel", "--user=root")
	until(t, "the status says that nothing is left",
		func() bool { return strings.Contains(Queue(study, false), "1 of its 1 tasks left no log") })
}
