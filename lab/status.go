package lab

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"engram/internal/lock"
)

// Died is the state of a run whose file says that it is running, while no process writes it.
const Died State = "died"

// Unreadable is the state of a run whose files cannot be read, for who shows several.
const Unreadable State = "unreadable"

// Standing is where the run stands for who only looks: what its file says, but for a run without a writer, which died.
func (r *Run) Standing() State {
	if r.About.State != Running || held(r.Dir) {
		return r.About.State
	}
	var now About // it may have ended after its file was read and before its lock was
	if err := readJSON(filepath.Join(r.Dir, runFile), &now); err == nil && now.State != Running {
		r.About = now
		return now.State
	}
	return Died
}

// held says whether a process that lives has a directory's lock.
func held(dir string) bool {
	_, found := lock.HolderOf(dir)
	return found
}

// List finds the run directories at and below a directory, in order. It follows no links below it and looks into no
// hidden directories.
func List(dir string) ([]string, error) {
	var runs []string
	root := dir + string(filepath.Separator) // also where dir is a link
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return err
		case err != nil: // one that cannot be read, or was removed just now
			return fs.SkipDir
		case !entry.IsDir():
			return nil
		case path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case isRun(path):
			runs = append(runs, filepath.Clean(path))
			return fs.SkipDir
		}
		return nil
	})
	return runs, err
}

// isRun says whether a directory is a run's, one that cannot be read included: it has both files, of whatever kind.
func isRun(dir string) bool {
	for _, name := range []string{configFile, runFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}
