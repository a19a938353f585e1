package cluster

import (
	"fmt"
	"regexp"
	"strconv"
)

// checkSlurm returns an error where this Slurm does not take so many tasks, before anything is submitted.
func checkSlurm(j Job) error {
	config, err := ask("scontrol", "show", "config")
	if err != nil {
		return err
	}
	return checkTasks(j, limit(config, "MaxArraySize"), limit(config, "MaxJobCount"))
}

// limit returns a whole number of Slurm's configuration; -1 where it does not say.
func limit(config, name string) int {
	found := regexp.MustCompile(`(?m)^\s*` + name + `\s*=\s*([0-9]+)\s*$`).FindStringSubmatch(config)
	if found == nil {
		return -1
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return -1
	}
	return n
}

// checkTasks holds a job against the largest array, whose largest index is one less, and against the number of jobs
// that Slurm keeps, of which the task after the array is one; -1 is no limit.
func checkTasks(j Job, array, jobs int) error {
	switch {
	case array == 0:
		return fmt.Errorf("this Slurm takes no job arrays (MaxArraySize is 0): start workers of your own with 'sbatch --wrap %q'", j.Command())
	case array > 0 && j.Tasks > array:
		return fmt.Errorf("%d tasks are more than this Slurm's %d in an array (MaxArraySize): use --tasks %d%s",
			j.Tasks, array, array, j.packed(array))
	case jobs > 0 && j.Tasks+1 > jobs:
		return fmt.Errorf("%d tasks and the one after them are more than this Slurm's %d jobs (MaxJobCount): use --tasks %d%s", j.Tasks, jobs, jobs-1, j.packed(jobs-1))
	}
	return nil
}

// packed returns the advice to train more trials in a worker, so that so many tasks carry out as many at a time.
func (j Job) packed(tasks int) string {
	if tasks < 1 {
		return ""
	}
	return fmt.Sprintf(", or --pack %d with it", (j.Tasks*j.Pack+tasks-1)/tasks)
}
