package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/lock"
	"engram/internal/strictjson"
	"engram/tasks"
)

// The files of a run directory.
const (
	configFile      = "config.json"
	startFile       = "start.json"
	runFile         = "run.json"
	metricsFile     = "metrics.jsonl"
	evaluationsFile = "evals.jsonl"
	timingFile      = "timing.jsonl"
	checkpointsDir  = "checkpoints"
)

// Kept lists the files and folders of a run that cannot be made again; pages, pictures and exports can.
func Kept() []string {
	return []string{configFile, runFile, startFile, metricsFile, evaluationsFile, timingFile, checkpointsDir,
		divergedDir, lock.File}
}

// State is the state of a run.
type State string

// States of a run, as run.json has them.
const (
	Running     State = "running"
	Finished    State = "finished"
	Interrupted State = "interrupted"
	Failed      State = "failed"
)

// About describes a run: run.json.
type About struct {
	Format  int       `json:"format"` // of the directory; the first version wrote none
	Engram  string    `json:"engram"` // versions
	GoMLX   string    `json:"gomlx"`
	Go      string    `json:"go"`
	Backend string    `json:"backend"`
	Machine string    `json:"machine"`
	Created time.Time `json:"created"`
	State   State     `json:"state"`
	Error   string    `json:"error,omitempty"`  // of a failed run
	Remedy  string    `json:"remedy,omitempty"` // what to do about it
	// Compiling is true of a running run that waits for the compilation of its train step.
	Compiling bool             `json:"compiling,omitempty"`
	Updates   int64            `json:"updates"`          // done
	Seconds   float64          `json:"seconds"`          // of training, compilation included
	Trials    int64            `json:"trials,omitempty"` // that ended in the training of a finished run
	Reward    float64          `json:"reward,omitempty"` // of those trials together, while the agent explored
	Result    *drqn.Evaluation `json:"result,omitempty"`
	// Random is what acting at random earns in an environment that is no task; nil before the run's end.
	Random *tasks.Returns `json:"random,omitempty"`
	// Population lists the runs that one process trains together, this one among them, in their order, as paths from
	// the run's directory; empty if the run is trained alone.
	Population []string `json:"population,omitempty"`
	// Environment describes the environment where it is of Python.
	Environment *bridge.Description `json:"environment,omitempty"`
	Start       *Start              `json:"start,omitempty"`            // nil: the run began with random weights
	Keep        int                 `json:"keep_checkpoints,omitempty"` // newest checkpoints that are kept; 0: three
	// NewEpisodes lists the updates from which the run went on in new episodes, because its environment had changed.
	NewEpisodes []int64 `json:"new_episodes,omitempty"`
}

// getBack is what to do about a part of a run that is damaged or missing and without which the run is of no use.
const getBack = "put a copy of it back, or train the run again with its config ('engram train --config')"

// check returns an error unless the description has what every version wrote.
func (a About) check() error {
	switch {
	case !slices.Contains([]State{Running, Finished, Interrupted, Failed}, a.State):
		return fmt.Errorf("its state is %q, not %s, %s, %s or %s", a.State, Running, Finished, Interrupted, Failed)
	case a.Backend == "":
		return errors.New("it has no backend")
	case a.Created.IsZero():
		return errors.New("it has no time of creation")
	case a.State == Finished && a.Result == nil:
		return errors.New("it is finished and has no result")
	}
	return nil
}

// Run is a run directory opened for reading.
type Run struct {
	Dir    string
	Config drqn.Config
	About  About
	// Notices lists, in one line each, the damage that a method found and worked around, such as a damaged checkpoint.
	Notices []string
}

// CheckNew returns an error if a run directory cannot be created because something is in its place.
func CheckNew(dir string) error {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s exists: use another directory", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run directory %s: %w: use another directory", dir, err)
	}
	return nil
}

// Open reads a run directory's config and description, and checks that this program can use the config.
func Open(dir string) (*Run, error) {
	r, err := OpenUnchecked(dir)
	if err != nil {
		return nil, err
	}
	if err := r.Config.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
	}
	return r, nil
}

// OpenUnchecked reads a run directory as Open does, without checking that this program can use the config: a viewer can
// show a run of a task that this program does not have.
func OpenUnchecked(dir string) (*Run, error) {
	if dir == "" {
		return nil, durable.ErrFolderUnnamed
	}
	config, err := durable.Read(filepath.Join(dir, configFile), longestJSON)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, notARun(dir)
	} else if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	about, err := durable.Read(filepath.Join(dir, runFile), longestJSON)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s has no %s, which describes it: %s", dir, runFile, getBack)
	} else if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	return decodeRun(dir, config, about)
}

// longestJSON bounds a run's config and description in bytes.
const longestJSON = 1 << 20

// writeJSON replaces a file by a value in JSON.
func writeJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return durable.ReplaceBytes(path, append(data, '\n'))
}

func readJSON(path string, into any) error {
	data, err := durable.Read(path, longestJSON)
	if err != nil {
		return err
	}
	if err := strictjson.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s is not as it was written: %w", path, err)
	}
	return nil
}

// Timing is the time that training had taken at a report. It has a file of its own, so that the metrics of equal runs
// are equal.
type Timing struct {
	Update  int64   `json:"update"`
	Seconds float64 `json:"seconds"`
}
