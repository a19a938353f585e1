package lab

import (
	"io/fs"
	"path/filepath"
	"strings"

	"engram/internal/durable"
	"engram/internal/lock"
)

// Died is the state of a run that is marked as running although no process writes it.
const Died State = "died"

// Unreadable is the state that viewers of several runs show for one whose files cannot be read.
const Unreadable State = "unreadable"

// Standing returns the state of the run as a viewer sees it: that of run.json, or Died if the run is marked as running
// and no process writes it.
func (r *Run) Standing() State {
	if r.About.State != Running || held(r.Dir) {
		return r.About.State
	}
	var now About // it may have ended between the reading of its file and of its lock
	if err := readJSON(filepath.Join(r.Dir, runFile), &now); err == nil && now.State != Running {
		r.About = now
		return now.State
	}
	return Died
}

// held reports whether a living process holds a directory's lock.
func held(dir string) bool {
	_, found := lock.HolderOf(dir)
	return found
}

// List returns the run directories at and below a directory, in order, also those inside another run's. It follows no
// links and skips hidden directories.
func List(dir string) ([]string, error) {
	if dir == "" {
		return nil, durable.ErrFolderUnnamed
	}
	var runs []string
	root := dir + string(filepath.Separator) // also where dir is a link
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return err
		case err != nil: // unreadable, or removed just now
			return fs.SkipDir
		case !entry.IsDir():
			return nil
		case path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case path != root && holdsNoRuns(entry.Name()) && IsRun(filepath.Dir(path)):
			return fs.SkipDir
		case IsRun(path):
			runs = append(runs, filepath.Clean(path))
		}
		return nil
	})
	return runs, err
}

// holdsNoRuns reports whether a run's folder of that name is the run's own.
func holdsNoRuns(name string) bool { return name == checkpointsDir || name == divergedDir }

// IsRun reports whether a directory is a run's, even an unreadable one: it has an entry named config.json, and run.json
// or checkpoints.
func IsRun(dir string) bool {
	return durable.Exists(dir, configFile) && (durable.Exists(dir, runFile) || durable.Exists(dir, checkpointsDir))
}
