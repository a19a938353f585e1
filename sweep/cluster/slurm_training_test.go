package cluster

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/lab"
	"engram/sweep"
	"engram/sweep/search"
)

// agents is a study of more small agents than will be trained, a few seconds each, so that whenever a task is stopped
// one is in the act.
var agents = sweep.Study{Trials: 1000, Sampler: search.Method{Kind: "halton"},
	Space: search.Space{search.Log("learning_rate", 1e-4, 1e-2)},
	Goal: sweep.Goal{Kind: "train", Set: sweep.Settings{"task": "GoNogo", "hidden": "6", "input_size": "4",
		"batch": "4", "learn_after": "100",
		"updates": "1500", "eval_every": "100", "eval_trials": "10", "metrics_every": "100",
		"checkpoint_every": "1000"}}}

// try is an attempt as its file has it: the steps of its reports, and how it ended.
type try struct {
	steps []int64
	state sweep.State
}

// event is a line of an attempt's file.
type event struct {
	Event string
	Step  int64
	State sweep.State
}

// tries returns the attempts at each trial.
func tries(t *testing.T) map[string][]try {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(study, "attempts", "*.jsonl")) // in order
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]try{}
	for _, file := range files {
		var one try
		lines := lab.Lines[event]{Path: file}
		err := lines.Next(nil, func(e event) {
			if e.Event == "report" {
				one.steps = append(one.steps, e.Step)
			}
			one.state = e.State
		})
		if err != nil {
			t.Fatal(err)
		}
		trial, _, _ := strings.Cut(filepath.Base(file), "-")
		all[trial] = append(all[trial], one)
	}
	return all
}

// broken returns the tries at complete trials that took several.
func broken(t *testing.T) map[string][]try {
	t.Helper()
	found := tries(t)
	for trial, tried := range found {
		if len(tried) == 1 || tried[len(tried)-1].state != sweep.Complete {
			delete(found, trial)
		}
	}
	return found
}

// inTheAct reports whether an agent is being trained and has been evaluated.
func inTheAct(t *testing.T) bool {
	t.Helper()
	for _, tried := range tries(t) {
		if last := tried[len(tried)-1]; last.state == "" && len(last.steps) > 0 {
			return true
		}
	}
	return false
}

// submit submits one task of the study with a time limit and further arguments.
func submit(t *testing.T, engram, limit string, more ...string) {
	t.Helper()
	out, err := exec.Command(engram, append([]string{"sweep", "submit", study, "--engine", "slurm", "--tasks", "1",
		"--memory", "200", "--time", limit, "--backend", "go"}, more...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// submitted submits one task of the study as submit does, and returns the job that runs once its agent is in training.
func submitted(t *testing.T, engram, limit string, more ...string) (job string) {
	t.Helper()
	submit(t, engram, limit, more...)
	job, _ = any(t)
	until(t, "an agent is in training", func() bool { return inTheAct(t) })
	return job
}

// restarted waits until Slurm has queued a job again.
func restarted(t *testing.T, job string) {
	t.Helper()
	until(t, "job "+job+" is queued again",
		func() bool { return !strings.Contains(said(t, "scontrol", "show", "job", job), "Restarts=0 ") })
}

// Agents train on a real Slurm. A job of a higher partition takes their task's place; then the task is cancelled and
// submitted anew, and comes to its time limit. Each time the running trial resumes after its checkpoint, without a
// report missing or made twice, and ends with the bytes of a run that was not interrupted.
func TestSlurmAgentsGoOnAfterPreemptionAndTimeLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of waiting for a time limit; the long run has it")
	}
	engram, dir := built(t), slurm(t)
	study = filepath.Join(dir, "study")
	if err := sweep.Create(study, agents); err != nil {
		t.Fatal(err)
	}
	job := submitted(t, engram, "10m")
	// all that the machine has
	said(t, "sbatch", "--partition=urgent", "--cpus-per-task=4", "--output=/dev/null", "--wrap=true")
	restarted(t, job)
	until(t, "the pre-empted trial is complete", func() bool { return len(broken(t)) == 1 })
	said(t, "scancel", "--user=root")
	until(t, "the task is gone", func() bool { return len(running(t)) == 0 })

	restarted(t, submitted(t, engram, "1m")) // the signal comes a minute before the end: when Slurm looks next
	until(t, "so are the cancelled one and that of the time limit", func() bool { return len(broken(t)) >= 3 })
	said(t, "scancel", "--user=root")
	t.Logf("Slurm's log:\n%s", said(t, "grep", "-hE", "[Pp]reempt|equeue|[Ww]arn|time limit",
		filepath.Join(dir, "log", "slurmctld.log")))
	for trial, tried := range broken(t) {
		t.Logf("trial %s: %v", trial, tried)
		checkWhole(t, tried)
		checkAlone(t, filepath.Join(study, "runs", trial, "seed-0"))
	}
}

// checkWhole checks that the tries at a trial together report every evaluation once, in order.
func checkWhole(t *testing.T, tried []try) {
	t.Helper()
	var steps, want []int64
	for _, one := range tried {
		steps = append(steps, one.steps...)
	}
	for s := int64(100); s <= 1500; s += 100 {
		want = append(want, s)
	}
	if !slices.Equal(steps, want) {
		t.Errorf("reports of steps %v", steps)
	}
}

// checkAlone trains the run's config again, without a stop, and compares.
func checkAlone(t *testing.T, dir string) {
	t.Helper()
	stopped, err := lab.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, choice, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := lab.Train(t.Context(), []lab.Job{{Dir: filepath.Join(t.TempDir(), "alone"), Config: stopped.Config}},
		b, choice.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := stopped.Digest()
	if err != nil {
		t.Fatal(err)
	}
	want, err := runs[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	if got.SHA256 != want.SHA256 {
		t.Errorf("run %s: %+v, and left alone %+v", dir, got, want)
	}
}
