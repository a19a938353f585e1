package cluster

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// Job says how workers of a study are started.
type Job struct {
	Study    string        // absolute directory, the same on all machines
	Engram   string        // absolute path of the command on those machines
	Name     string        // of the job: letters, digits and -
	Tasks    int           // workers
	Pack     int           // trials that train together in a worker
	CPUs     int           // of a worker
	MemoryMB int           // of a worker
	GPUs     int           // of a worker
	Time     time.Duration // after which a worker is stopped; it goes on as a new job, from its last checkpoint
	Backend  string

	// Of Slurm alone: its partition and account; "" leaves the cluster's own. Finish makes one task that waits for what
	// others run and goes on with what is lost.
	Partition, Account string
	Finish             bool
	// Of Kubernetes alone: the image that has engram, the claim of the volume that holds the study, where it is mounted.
	Image, Claim, Mount string
}

//go:embed templates
var templates embed.FS

var name = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$`)

// plain are paths and names that need no quoting anywhere.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]*$`)

// check returns an error that names what is impossible.
func (j Job) check() error {
	switch {
	case !filepath.IsAbs(j.Study) || !filepath.IsAbs(j.Engram):
		return fmt.Errorf("study %q and engram %q must be absolute paths, the same on all machines", j.Study, j.Engram)
	case !name.MatchString(j.Name):
		return fmt.Errorf("job name %q: choose lower-case letters, digits and -, 52 at most", j.Name)
	case j.Tasks < 1 || j.Pack < 1 || j.CPUs < 1 || j.MemoryMB < 1:
		return fmt.Errorf("%d tasks, pack %d, %d CPUs and %d MB: choose 1 or more of each", j.Tasks, j.Pack, j.CPUs, j.MemoryMB)
	case j.GPUs < 0:
		return fmt.Errorf("%d GPUs: choose 0 or more", j.GPUs)
	case j.Time < time.Minute:
		return fmt.Errorf("time %s: choose a minute or more", j.Time)
	}
	for what, text := range map[string]string{"study": j.Study, "engram": j.Engram, "backend": j.Backend, "partition": j.Partition, "account": j.Account, "image": j.Image, "claim": j.Claim, "mount": j.Mount} {
		if !plain.MatchString(text) {
			return fmt.Errorf("%s %q has characters that schedulers take differently: use letters, digits and _ . / : @ + = , -", what, text)
		}
	}
	return nil
}

// render fills a template in.
func (j Job) render(file string) ([]byte, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	t, err := template.New(file).Funcs(template.FuncMap{"slurmTime": slurmTime, "join": strings.Join, "less1": func(n int) int { return n - 1 },
		"seconds": func(d time.Duration) int { return int(d.Seconds()) }}).ParseFS(templates, "templates/"+file)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, j); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// slurmTime is a time as Slurm reads it: D-HH:MM:SS.
func slurmTime(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d-%02d:%02d:%02d", s/86400, s/3600%24, s/60%60, s%60)
}

// Arguments are those of the worker, after the command.
func (j Job) Arguments() []string {
	arguments := []string{"sweep", "worker", j.Study, "--pack", fmt.Sprint(j.Pack)}
	if j.Finish {
		arguments = append(arguments, "--wait")
	}
	if j.Backend != "" {
		arguments = append(arguments, "--backend", j.Backend)
	}
	return arguments
}

// Command is the worker's command line.
func (j Job) Command() string { return j.Engram + " " + strings.Join(j.Arguments(), " ") }

// Slurm is a batch script of a job array, of a task per worker.
//
// A minute before a task's time is over, or when a higher job takes its place, Slurm sends SIGUSR1 or SIGTERM: the worker
// writes a checkpoint, and the task asks to be queued again. A task whose machine fails is queued again by Slurm.
func (j Job) Slurm() ([]byte, error) { return j.render("slurm.sh") }

// HTCondor is a submit file of a job per worker. One that is evicted is queued again.
func (j Job) HTCondor() ([]byte, error) { return j.render("htcondor.sub") }

// Kubernetes is the manifest of an Indexed Job of a pod per worker. A pod whose node is taken away is made again, which
// does not count as a failure of its index; one that fails is made again a few times.
func (j Job) Kubernetes() ([]byte, error) {
	if j.Image == "" || j.Claim == "" || !filepath.IsAbs(j.Mount) || !strings.HasPrefix(j.Study+"/", j.Mount+"/") {
		return nil, errors.New("kubernetes needs an image, a volume claim, and a mount in which the study's directory is")
	}
	return j.render("kubernetes.yaml")
}
