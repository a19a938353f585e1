package cluster

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
	"time"

	"engram/internal/durable"
)

const jobsDir = "jobs"

// Submitted is a Slurm job of a study: a file of its jobs/.
type Submitted struct {
	Array  string    `json:"array"`  // job number
	Finish string    `json:"finish"` // of the task that goes on with what the array lost
	Tasks  int       `json:"tasks"`
	Time   time.Time `json:"time"`
}

// Write writes a file of the study's jobs/ and makes the directory for logs. It returns the file's path.
func Write(study, file string, data []byte) (string, error) {
	for _, d := range []string{jobsDir, "logs"} {
		if err := os.MkdirAll(filepath.Join(study, d), 0o755); err != nil {
			return "", fmt.Errorf("study %s: %w", study, err)
		}
	}
	path := filepath.Join(study, jobsDir, file)
	return path, durable.ReplaceBytes(path, data)
}

// SubmitSlurm writes and submits the job array of a study, and behind it a task that goes on with what the array lost.
func SubmitSlurm(j Job) (Submitted, error) {
	s := Submitted{Tasks: j.Tasks, Time: time.Now().UTC().Truncate(time.Second)}
	if _, err := exec.LookPath("sbatch"); err != nil {
		return s, errors.New("sbatch is not here: submit from a machine of the Slurm cluster, or see --dry-run")
	}
	var err error
	if s.Array, err = sbatch(j, "slurm.sh"); err != nil {
		return s, err
	}
	finish := j
	finish.Finish = true
	if s.Finish, err = sbatch(finish, "slurm-finish.sh", "--dependency=afterany:"+s.Array); err != nil {
		return s, fmt.Errorf("array %s is submitted, but not the task behind it: %w", s.Array, err)
	}
	data, err := json.Marshal(s)
	if err == nil {
		_, err = Write(j.Study, "slurm-"+s.Array+".json", append(data, '\n'))
	}
	return s, err
}

// sbatch writes and submits one script, and returns the job's number.
func sbatch(j Job, file string, arguments ...string) (string, error) {
	script, err := j.Slurm()
	if err != nil {
		return "", err
	}
	path, err := Write(j.Study, file, script)
	if err != nil {
		return "", err
	}
	out, err := output(exec.Command("sbatch", append(append([]string{"--parsable"}, arguments...), path)...))
	number, _, _ := strings.Cut(out, ";") // what may follow is the cluster's name
	return number, err
}

// output is what a command says; an error carries what it complains of.
func output(c *exec.Cmd) (string, error) {
	var complaint bytes.Buffer
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(c.Path), err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// Queue says how the newest Slurm job of a study stands, such as "Slurm array 12: 2 running, 1 pending; then task 13:
// pending"; empty where there is none, or no Slurm here.
func Queue(study string) string {
	files, _ := filepath.Glob(filepath.Join(study, jobsDir, "slurm-*.json")) // the pattern is no bad one
	if _, err := exec.LookPath("squeue"); err != nil || len(files) == 0 {
		return ""
	}
	var newest Submitted
	for _, file := range files {
		var s Submitted
		if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &s) == nil && s.Time.After(newest.Time) {
			newest = s
		}
	}
	return fmt.Sprintf("Slurm array %s: %s; then task %s: %s", newest.Array, tasks(newest.Array), newest.Finish, tasks(newest.Finish))
}

// tasks counts a job's tasks by their states.
func tasks(job string) string {
	out, err := output(exec.Command("squeue", "--noheader", "--array", "--jobs="+job, "--format=%T"))
	if err != nil || out == "" { // Slurm forgets jobs that ended a while ago
		return "ended"
	}
	counts := map[string]int{}
	for _, state := range strings.Fields(strings.ToLower(out)) {
		counts[state]++
	}
	var parts []string
	for state, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, state))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
