package cluster

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Job describes how workers of a study are started.
type Job struct {
	Study    string        // absolute directory, the same on all machines
	Engram   string        // absolute path of the command on those machines
	Name     string        // of the job: letters, digits and -
	Tasks    int           // workers
	Pack     int           // trials that train together in a worker
	CPUs     int           // of a worker
	MemoryMB int           // of a worker
	GPUs     int           // of a worker
	Time     time.Duration // after which a worker is stopped; a new job resumes from its last checkpoint
	Minutes  float64       // after which a worker ends for good, as the study says; 0: never
	Backend  string

	// For Slurm only: its partition and account; "" means the cluster's default. Finish makes one task that waits for
	// the trials of other tasks and takes up those that are lost.
	Partition, Account string
	Finish             bool
	// For Kubernetes only: the image that has engram, the claim of the volume that holds the study, and the directory
	// at which it is mounted.
	Image, Claim, Mount string

	// again is the minutes after which the worker stops by itself and asks to be started again; 0: the engine signals
	// it.
	again float64
}

//go:embed templates
var templates embed.FS

// plainText matches paths and names that no engine has to quote, apart from percent signs.
var plainText = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]*$`)

// check returns an error that names the first invalid field and the remedy.
func (j Job) check() error {
	if !filepath.IsAbs(j.Study) || !filepath.IsAbs(j.Engram) {
		return fmt.Errorf("study %q and engram %q must be absolute paths, the same on all machines", j.Study, j.Engram)
	}
	if j.Tasks < 1 || j.Pack < 1 || j.CPUs < 1 || j.MemoryMB < 1 {
		return fmt.Errorf("invalid job of %d tasks, pack %d, %d CPUs and %d MB: use 1 or more of each", j.Tasks, j.Pack,
			j.CPUs, j.MemoryMB)
	}
	if j.GPUs < 0 {
		return fmt.Errorf("invalid number of GPUs %d: use 0 or more", j.GPUs)
	}
	for _, t := range []struct{ what, text string }{{"study", j.Study}, {"engram", j.Engram}, {"backend", j.Backend},
		{"partition", j.Partition},
		{"account", j.Account}, {"image", j.Image}, {"claim", j.Claim}, {"mount", j.Mount}} {
		if !plainText.MatchString(t.text) {
			return fmt.Errorf("invalid %s %q: schedulers read some of its characters differently; use letters of "+
				"ASCII, digits and _ . / : @ %% + = , -", t.what, t.text)
		}
	}
	return errors.Join(checkName(j.Name), checkTime(j.Time))
}

// render returns a template filled in with the job.
func (j Job) render(file string) ([]byte, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	t, err := template.New(file).Funcs(template.FuncMap{"slurmTime": slurmTime, "slurmPath": slurmPath,
		"join": strings.Join, "less1": func(n int) int { return n - 1 },
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

// slurmPath returns a path as a file name pattern of Slurm, in which % begins a replacement and %% is a percent sign.
func slurmPath(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// Arguments returns the arguments of the worker, after the command.
func (j Job) Arguments() []string {
	arguments := []string{"sweep", "worker", j.Study, "--pack", fmt.Sprint(j.Pack)}
	if j.Finish {
		arguments = append(arguments, "--wait")
	}
	if j.again > 0 {
		arguments = append(arguments, "--minutes", strconv.FormatFloat(j.again, 'f', -1, 64), "--again")
	}
	if j.Backend != "" {
		arguments = append(arguments, "--backend", j.Backend)
	}
	return arguments
}

// Command returns the worker's command line.
func (j Job) Command() string { return j.Engram + " " + strings.Join(j.Arguments(), " ") }

// Slurm returns the batch script of a job array with a task for each worker.
//
// A minute before a task's time is over, or when a job of higher priority takes its place, Slurm sends SIGUSR1 or
// SIGTERM: the worker writes a checkpoint, and the task asks to be queued again. Slurm also queues a task again whose
// machine fails.
func (j Job) Slurm() ([]byte, error) { return j.render("slurm.sh") }

// HTCondor returns a submit file with a job for each worker. A job that is evicted, or whose time is over, is queued
// again.
func (j Job) HTCondor() ([]byte, error) { return j.limited().render("htcondor.sub") }

// Kubernetes returns the manifest of an Indexed Job with a pod for each worker. A pod whose node is taken away, or
// whose time is over, is replaced, which does not count as a failure of its index; one that fails is replaced a few
// times.
func (j Job) Kubernetes() ([]byte, error) {
	mount := filepath.Clean(j.Mount)
	if j.Image == "" || j.Claim == "" || !filepath.IsAbs(mount) || !strings.HasPrefix(j.Study+"/", mount+"/") {
		return nil, errors.New("kubernetes needs an image, a volume claim, and a mount that holds the study's " +
			"directory: use --image, --claim and --mount")
	}
	if strings.Contains(mount, ":") {
		return nil, fmt.Errorf("invalid mount %q: Kubernetes takes no colon in it", j.Mount)
	}
	if !claim.MatchString(j.Claim) {
		return nil, fmt.Errorf("invalid claim %q: use lower-case letters, digits, - and ., a letter or a digit at "+
			"both ends, 253 at most", j.Claim)
	}
	j.Mount = mount
	return j.limited().render("kubernetes.yaml")
}

// claim matches the names that Kubernetes accepts for a volume's claim.
var claim = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)

// limited returns the job for an engine that sends no signal before a worker's time is over: the worker stops by itself
// before and asks for another one, unless the study's own minutes end it earlier.
func (j Job) limited() Job {
	if limit := (j.Time - margin(j.Time)).Minutes(); j.Minutes == 0 || j.Minutes > limit {
		j.again = limit
	}
	return j
}

// Again is the exit code of 'engram sweep worker --again' when its time is over and trials are left: EX_TEMPFAIL of
// sysexits.h.
const Again = 75

// Again returns the exit code for the templates.
func (j Job) Again() int { return Again }
