package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/lock"
	"engram/internal/plain"
)

// Job is one agent to train: the directory of its run, its config, and the weights that it begins with, where these are
// another run's (see StartFrom) and not random.
type Job struct {
	Dir    string
	Config drqn.Config
	Start  *Start
	// NewEpisodes lets a run be resumed whose environment does not take its saved state, because it has changed: the
	// agent goes on in new episodes, and the result is not that of training without the interruption.
	NewEpisodes bool
	// Keep is the number of newest checkpoints that a new run keeps, besides the best one; 0: three. With many of them
	// one can look back at how an agent learned.
	Keep int
}

// opened is a run that this process has locked and writes.
type opened struct {
	*Run
	lock    *lock.Held
	journal *journals
	state   drqn.State // of the last checkpoint; its memory is used again
	share   *float64   // of the ceiling, in the last evaluation
	shareAt int64      // update of that evaluation; -1: none
}

// open creates a job's run directory, or opens the existing one, and locks it. It refuses a directory that holds
// anything else, and a run of another config, and leaves them as they are.
func (j Job) open(about About, notice func(string)) (*opened, error) {
	if err := j.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(j.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("run directory %s could not be created: %w", j.Dir, err)
	}
	held, err := lock.Acquire("run", j.Dir, notice)
	if err != nil {
		return nil, err
	}
	r, err := j.openLocked(about)
	if err != nil {
		held.Release()
		return nil, err
	}
	return &opened{Run: r, lock: held, shareAt: -1}, nil
}

func (j Job) openLocked(about About) (*Run, error) {
	if _, err := os.Lstat(filepath.Join(j.Dir, configFile)); errors.Is(err, fs.ErrNotExist) {
		return j.create(about)
	}
	r, err := Open(j.Dir)
	if err != nil {
		return nil, err
	}
	if different := j.Config.Differences(r.Config); different != "" {
		if longer := r.Config; r.About.State == Finished {
			longer.Updates = j.Config.Updates
			if j.Config.Differences(longer) == "" {
				return nil, fmt.Errorf("run %s is finished with updates = %d and cannot be given %d, because learning "+
					"rate and exploration fell towards its end: train another from the beginning, "+
					"'engram train --config %s --updates %[3]d --run NEW'",
					j.Dir, r.Config.Updates, j.Config.Updates, plain.Path(filepath.Join(j.Dir, configFile)))
			}
		}
		return nil, fmt.Errorf("run %s exists with another config: its %s; use another directory, or the "+
			"same config to resume it", j.Dir, different)
	}
	if err := j.Start.check(r); err != nil {
		return nil, err
	}
	return r, removeLeftovers(j.Dir)
}

// create writes the first files of a new run. The config comes last: with it the directory is a run.
func (j Job) create(about About) (*Run, error) {
	steps := []func() error{func() error { return os.MkdirAll(filepath.Join(j.Dir, checkpointsDir), 0o777) }}
	for _, name := range journalFiles {
		steps = append(steps, func() error { return os.WriteFile(filepath.Join(j.Dir, name), nil, 0o666) })
	}
	about.Keep = j.Keep
	if about.Start = j.Start; j.Start != nil {
		steps = append(steps, func() error { return j.Start.write(j.Dir) })
	}
	steps = append(steps,
		func() error { return writeJSON(filepath.Join(j.Dir, runFile), about) },
		func() error { return writeJSON(filepath.Join(j.Dir, configFile), j.Config) },
		func() error { return durable.SyncDir(j.Dir) })
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("run directory %s could not be created: %w", j.Dir, err)
		}
	}
	return &Run{Dir: j.Dir, Config: j.Config, About: about}, nil
}

// Check returns an error if the job's run can neither be created nor resumed because something else is in its place,
// which stays as it is.
func (j Job) Check() error {
	if j.Keep < 0 {
		return fmt.Errorf("invalid number of checkpoints to keep %d: use 1 or more, or 0 for %d", j.Keep,
			keepCheckpoints)
	}
	_, errLink := os.Lstat(j.Dir)
	info, err := os.Stat(j.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && errLink == nil:
		return fmt.Errorf("%s exists and is a dangling link: use another directory", j.Dir)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("run directory %s: %w: use another directory", j.Dir, err)
	case !info.IsDir():
		return fmt.Errorf("%s exists and is not a directory: use another one", j.Dir)
	}
	entries, err := os.ReadDir(j.Dir)
	if err != nil {
		return fmt.Errorf("run directory %s: %w", j.Dir, err)
	}
	for _, entry := range entries {
		if entry.Name() == configFile {
			return nil
		}
	}
	for _, entry := range entries { // a process that was killed early leaves a run without a config
		if !ours(entry.Name()) {
			return fmt.Errorf("%s exists and is not a run: it has %s but no %s: use another directory", j.Dir,
				entry.Name(), configFile)
		}
	}
	return nil
}

// ours reports whether a new run may have a file of that name before it has its config.
func ours(name string) bool {
	for _, begin := range []string{runFile, startFile, checkpointsDir, metricsFile, evaluationsFile, timingFile,
		durable.BesidePrefix, lock.File, "." + lock.File + "-"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// JobsOf returns the jobs of the population that a run belongs to, in their order, and the name of the backend that it
// trains on: the arguments with which Train resumes it.
func JobsOf(dir string) (jobs []Job, backend string, err error) {
	r, err := Open(dir)
	if err != nil {
		return nil, "", err
	}
	paths := r.About.Population
	if len(paths) == 0 {
		return []Job{{Dir: dir, Config: r.Config}}, r.About.Backend, nil
	}
	for _, path := range paths {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		member, err := Open(path)
		if err != nil {
			return nil, "", fmt.Errorf("run %s is trained together with another: %w", dir, err)
		}
		if !member.trainedWith(dir) {
			return nil, "", fmt.Errorf("run %s says that it is trained together with %s, which does not name it", dir,
				path)
		}
		jobs = append(jobs, Job{Dir: path, Config: member.Config})
	}
	return jobs, r.About.Backend, nil
}

// trainedWith reports whether the run names another as one of its population. JobsOf asks both, so that an altered file
// of one run cannot make Train resume a foreign one.
func (r *Run) trainedWith(dir string) bool {
	other, err := os.Stat(dir)
	return err == nil && slices.ContainsFunc(r.About.Population, func(path string) bool {
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.Dir, path)
		}
		named, err := os.Stat(path)
		return err == nil && os.SameFile(named, other)
	})
}

// Resumable reports whether Train can resume the run: it is not finished, and its format keeps all that training needs.
func (r *Run) Resumable() bool { return r.About.State != Finished && r.About.Format == formatState }
