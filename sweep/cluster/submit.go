package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"engram/internal/durable"
)

// The directories of a study for submitted jobs and for their logs.
const jobsDir, logsDir = "jobs", "logs"

// Submitted is a submitted Slurm job of a study, which is kept as a file of its jobs/.
type Submitted struct {
	Format int       `json:"format"` // of this JSON: SubmittedFormat; 0 in files of earlier versions
	Array  string    `json:"array"`  // job number
	Finish string    `json:"finish"` // number of the task that takes up the trials that the array lost
	Tasks  int       `json:"tasks"`
	Time   time.Time `json:"time"`
}

// SubmittedFormat is the version of Submitted's JSON; fields may be added, and none is renamed.
const SubmittedFormat = 1

// Write writes a file of the study's jobs/, makes the directory for logs, and returns the file's path.
func Write(study, file string, data []byte) (string, error) {
	for _, d := range []string{jobsDir, logsDir} {
		if err := os.MkdirAll(filepath.Join(study, d), 0o777); err != nil {
			return "", fmt.Errorf("study %s: %w", study, err)
		}
	}
	path := filepath.Join(study, jobsDir, file)
	return path, durable.ReplaceBytes(path, data)
}

// SubmitSlurm writes and submits the job array of a study, and a task after it that takes up the trials that the array
// lost. Where this Slurm would not accept them, it returns an error and submits nothing.
func SubmitSlurm(j Job) (Submitted, error) {
	s := Submitted{Format: SubmittedFormat, Tasks: j.Tasks, Time: time.Now().UTC().Truncate(time.Second)}
	if _, err := exec.LookPath("sbatch"); err != nil {
		return s, errors.New("sbatch is missing on this machine: submit from a machine of the Slurm cluster, or use " +
			"--dry-run")
	}
	if err := errors.Join(j.check(), checkSlurm(j)); err != nil {
		return s, err
	}
	var err error
	if s.Array, err = sbatch(j, "slurm.sh"); err != nil {
		return s, err
	}
	finish := j
	finish.Finish = true
	if s.Finish, err = sbatch(finish, "slurm-finish.sh", "--dependency=afterany:"+s.Array); err != nil {
		return s, withdraw(s.Array, err)
	}
	data, err := json.Marshal(s)
	if err == nil {
		_, err = Write(j.Study, "slurm-"+s.Array+".json", append(data, '\n'))
	}
	return s, err
}

// withdraw cancels an array because the task after it could not be submitted, and returns the error that says so.
func withdraw(array string, why error) error {
	if _, err := run(context.Background(), "scancel", array); err != nil {
		return fmt.Errorf("array %s is submitted, but not the task after it: 'scancel %s' cancels it: %w", array, array,
			errors.Join(why, err))
	}
	return fmt.Errorf("the task after array %s could not be submitted, so the array was cancelled: %w", array, why)
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
	out, err := run(context.Background(), "sbatch", append(append([]string{"--parsable"}, arguments...), path)...)
	number, _, _ := strings.Cut(out, ";") // the cluster's name may follow
	return number, err
}
