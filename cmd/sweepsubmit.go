package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/sweep"
	"engram/sweep/cluster"
)

func newSweepSubmit() *cobra.Command {
	var j cluster.Job
	var engine string
	var dryRun, asJSON bool
	c := &cobra.Command{
		Use:   "submit DIR --engine NAME",
		Short: "Write and submit the jobs that carry a study out on a cluster",
		Long: `Write the jobs that carry a study out on a cluster into DIR/jobs, and submit them if the engine is
Slurm. DIR must be a study on a file system that the cluster's machines share; 'engram sweep make STUDY.json --out DIR'
makes one. Each task of a job is a worker that takes trials until none is left; logs are in DIR/logs (for Kubernetes:
'kubectl logs'). --time limits each worker, not the study: a worker that reaches it, or is pre-empted, writes a
checkpoint, and the engine starts it again until no trial is left. Slurm signals it a minute before; elsewhere it stops
by itself, 5 minutes (or a quarter of a shorter limit) before.

docs/cluster.md explains how to set each engine up.`,
		Example: `  engram sweep submit /shared/study --engine slurm --tasks 16 --memory 4000 --time 4h
  engram sweep status /shared/study --follow
  engram sweep submit /shared/study --engine htcondor && condor_submit /shared/study/jobs/htcondor.sub
  engram sweep submit /data/study --engine kubernetes --image registry/engram --claim studies --mount /data`,
		Args: arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			if j.Study, err = filepath.Abs(args[0]); err != nil {
				return err
			}
			if j.Engram == "" {
				if j.Engram, err = os.Executable(); err != nil {
					return err
				}
			}
			if j.Name == "" {
				j.Name = cluster.NameOf(j.Study)
			}
			if j.Tasks == 0 {
				j.Tasks = min(16, (r.Total+j.Pack-1)/max(1, j.Pack))
			}
			j.Minutes = r.Study.Minutes
			return submit(c, engine, j, dryRun, asJSON)
		},
	}
	c.Flags().StringVar(&engine, "engine", "", "slurm, htcondor or kubernetes")
	c.Flags().IntVar(&j.Tasks, "tasks", 0, "workers (default: a worker per pack, 16 at most)")
	c.Flags().IntVar(&j.Pack, "pack", 1, "trials that train together in a worker")
	c.Flags().IntVar(&j.CPUs, "cpus", 1, "CPUs of a worker")
	c.Flags().IntVar(&j.MemoryMB, "memory", 2000, "memory of a worker in MB")
	c.Flags().IntVar(&j.GPUs, "gpus", 0, "GPUs of a worker")
	j.Time = 4 * time.Hour
	c.Flags().Var((*limitFlag)(&j.Time), "time", "`limit` of a worker: "+cluster.TimeForms)
	c.Flags().StringVar(&j.Name, "name", "", "name of the job (default: from DIR)")
	c.Flags().StringVar(&j.Engram, "engram", "", "`path` of engram on the cluster's machines (default: this one's)")
	c.Flags().StringVar(&j.Partition, "partition", "", "Slurm's partition")
	c.Flags().StringVar(&j.Account, "account", "", "Slurm's account")
	c.Flags().StringVar(&j.Image, "image", "", "Kubernetes: image that has engram")
	c.Flags().StringVar(&j.Claim, "claim", "", "Kubernetes: claim of the volume that holds the study")
	c.Flags().StringVar(&j.Mount, "mount", "", "Kubernetes: `directory` the volume is mounted at")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be written, and write and submit nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: what was written, and for Slurm the jobs")
	c.MarkFlagsMutuallyExclusive("json", "dry-run")
	addBackendFlag(c, &j.Backend)
	required(c, "engine")
	return c
}

// limitFlag is a time limit in the forms that schedulers' users write.
type limitFlag time.Duration

func (f *limitFlag) Set(text string) error {
	d, err := cluster.ParseTime(text)
	*f = limitFlag(d)
	return err
}

func (f *limitFlag) String() string { return time.Duration(*f).String() }

// Type names the value in the help.
func (f *limitFlag) Type() string { return "limit" }

func submit(c *cobra.Command, engine string, j cluster.Job, dryRun, asJSON bool) error {
	engines := map[string]struct {
		file   string
		make   func() ([]byte, error)
		submit string
	}{"slurm": {"slurm.sh", j.Slurm, ""}, "htcondor": {"htcondor.sub", j.HTCondor,
		"condor_submit"}, "kubernetes": {"kubernetes.yaml", j.Kubernetes, "kubectl apply -f"}}
	e, ok := engines[engine]
	if !ok {
		return usageError{fmt.Errorf("engine %q is unknown: use slurm, htcondor or kubernetes", engine)}
	}
	for flag, of := range map[string]string{"partition": "slurm", "account": "slurm", "image": "kubernetes",
		"claim": "kubernetes", "mount": "kubernetes"} {
		if of != engine && c.Flags().Changed(flag) {
			return usageError{fmt.Errorf("--%s has no effect with --engine %s: leave it out", flag, engine)}
		}
	}
	data, err := e.make()
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if dryRun {
		_, err := out.Write(data)
		return err
	}
	w := written{Engine: engine, File: filepath.Join(j.Study, "jobs", e.file)}
	if engine == "slurm" {
		if w.Submitted, err = submitSlurm(j); err != nil {
			return err
		}
	} else if w.File, err = cluster.Write(j.Study, e.file, data); err != nil {
		return err
	}
	switch s := w.Submitted; {
	case asJSON:
		return printObject(out, w)
	case s != nil:
		fmt.Fprintf(out, "Slurm array %s of %d tasks, and task %s after it; "+
			"'engram sweep status %s --follow' follows them\n", s.Array, s.Tasks, s.Finish, plain.Path(j.Study))
	default:
		fmt.Fprintf(out, "%s\nsubmit it by: %s %s\n", w.File, e.submit, w.File)
	}
	return nil
}

// written is what submit wrote, and what it submitted.
type written struct {
	Engine    string             `json:"engine"`
	File      string             `json:"file"`
	Submitted *cluster.Submitted `json:"submitted,omitempty"` // to Slurm
}

func submitSlurm(j cluster.Job) (*cluster.Submitted, error) {
	s, err := cluster.SubmitSlurm(j)
	return &s, err
}
