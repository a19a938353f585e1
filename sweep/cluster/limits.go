package cluster

import (
	"fmt"
	"regexp"
	"strconv"
)

// checkSlurm returns an error where this Slurm does not accept so many tasks, before anything is submitted.
func checkSlurm(j Job) error {
	config, err := ask("scontrol", "show", "config")
	if err != nil {
		return err
	}
	return checkTasks(j, limit(config, "MaxArraySize"), limit(config, "MaxJobCount"))
}

// limit returns a whole number from Slurm's configuration; -1 where it is missing.
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

// checkTasks returns an error where a job has more tasks than an array may have, or, with the task after the array,
// than Slurm keeps jobs; -1 is no limit. array is MaxArraySize, one more than the largest index.
func checkTasks(j Job, array, jobs int) error {
	switch {
	case array == 0:
		return fmt.Errorf("this Slurm accepts no job arrays (MaxArraySize is 0): start workers with 'sbatch --wrap %q'",
			j.Command())
	case array > 0 && j.Tasks > array:
		return fmt.Errorf("%d tasks are more than this Slurm's %d in an array (MaxArraySize): use --tasks %d%s",
			j.Tasks, array, array, j.packed(array))
	case jobs > 0 && j.Tasks+1 > jobs:
		return fmt.Errorf("%d tasks and the one after them are more than this Slurm's %d jobs (MaxJobCount): "+
			"use --tasks %d%s", j.Tasks, jobs, jobs-1, j.packed(jobs-1))
	}
	return nil
}

// packed returns advice to train more trials in each worker, so that fewer tasks carry out as many trials at a time.
func (j Job) packed(tasks int) string {
	if tasks < 1 {
		return ""
	}
	return fmt.Sprintf(", or --pack %d with it", (j.Tasks*j.Pack+tasks-1)/tasks)
}
