package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"engram/internal/durable"
	"engram/internal/plain"
)

// answerWithin bounds the time of a command of Slurm, which otherwise waits long for a controller that is down.
const answerWithin = 20 * time.Second

// ask returns the output of a command that changes nothing; an error carries what it printed to stderr.
func ask(name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	return run(ctx, name, arguments...)
}

// run returns the output of a command; an error carries what it printed to stderr.
func run(ctx context.Context, name string, arguments ...string) (string, error) {
	var complaint bytes.Buffer
	c := exec.CommandContext(ctx, name, arguments...)
	c.Stderr, c.WaitDelay = &complaint, time.Second
	out, err := c.Output()
	if err != nil {
		if ctx.Err() != nil {
			err = errors.New("it does not answer")
		}
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// Queue returns the state of a study's newest Slurm job, such as "Slurm array 12: 2 running, 1 pending (Priority); then
// task 13: pending"; "" where there is no job, or no Slurm on this machine. Unless the study is done, it also says when
// nothing is left in the queue, and how many tasks never began.
func Queue(study string, done bool) string {
	newest, found := newestSubmitted(study)
	if _, err := exec.LookPath("squeue"); err != nil || !found {
		return ""
	}
	array, err := tasks(newest.Array)
	var finish states
	if err == nil {
		finish, err = tasks(newest.Finish)
	}
	if err != nil {
		return "Slurm does not say how array " + newest.Array + " stands: " + plain.Error(err)
	}
	line := fmt.Sprintf("Slurm array %s: %s; then task %s: %s", newest.Array, array, newest.Finish, finish)
	if !done && array.over() && finish.over() {
		line += "; nothing of it is left in the queue: " + newest.why(study)
	}
	return line
}

// newestSubmitted returns the job of a study that was submitted last; files that are damaged are skipped.
func newestSubmitted(study string) (newest Submitted, found bool) {
	files, _ := filepath.Glob(filepath.Join(escaped(study), jobsDir, "slurm-*.json")) // the pattern is no bad one
	for _, file := range files {
		var s Submitted
		data, err := durable.Read(file, 1<<20)
		if err != nil || json.Unmarshal(data, &s) != nil || !jobNumber(s.Array) || !jobNumber(s.Finish) {
			continue
		}
		if !found || s.Time.After(newest.Time) {
			newest, found = s, true
		}
	}
	return newest, found
}

// escaped returns the pattern of filepath.Glob that matches only the given path.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// jobNumber reports whether a text is a job's number, and so may be passed to Slurm's commands.
func jobNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// why explains a job that is over while trials are left, and what to do: whether tasks left no log, and where logs are.
func (s Submitted) why(study string) string {
	logs, _ := filepath.Glob(filepath.Join(escaped(study), logsDir, s.Array+"-*.log"))
	where := filepath.Join(study, logsDir)
	if missing := s.Tasks - len(logs); missing > 0 {
		return fmt.Sprintf("%d of its %d tasks left no log in %s, so they never began: 'scontrol show job %s' may say "+
			"why, and 'engram sweep submit' starts new ones", missing, s.Tasks, where, s.Array)
	}
	return fmt.Sprintf("its logs in %s say why, and 'engram sweep submit' starts new workers", where)
}

// states is the number of a job's tasks in each state, such as "pending (Priority)"; empty where Slurm has forgotten
// the job.
type states map[string]int

// tasks asks Slurm for a job's tasks and counts them by their states.
func tasks(job string) (states, error) {
	out, err := ask("squeue", "--noheader", "--array", "--states=all", "--jobs="+job, "--format=%T|%r")
	if err != nil {
		if strings.Contains(err.Error(), "Invalid job id") { // Slurm forgets jobs that ended a while ago
			return nil, nil
		}
		return nil, err
	}
	counts := states{}
	for line := range strings.Lines(out) {
		state, reason, _ := strings.Cut(strings.TrimSpace(line), "|")
		state = strings.ToLower(state)
		if reason != "" && reason != "None" {
			state += " (" + reason + ")"
		}
		counts[state]++
	}
	return counts, nil
}

// live holds the states of a task that runs or that Slurm may still start; a task in any other state has ended.
var live = []string{"pending", "running", "suspended", "configuring", "completing", "requeued", "requeue_hold",
	"requeue_fed", "resizing", "signaling", "special_exit", "stage_out", "stopped"}

// over reports whether none of the tasks runs or waits.
func (s states) over() bool {
	for state := range s {
		word, _, _ := strings.Cut(state, " ")
		if slices.Contains(live, word) {
			return false
		}
	}
	return true
}

func (s states) String() string {
	if len(s) == 0 {
		return "ended"
	}
	var parts []string
	for state, n := range s {
		parts = append(parts, fmt.Sprintf("%d %s", n, state))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
