package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"engram/lab"
)

// Watcher follows the runs that are named, and all runs below directories that are named. It is not safe for concurrent
// use.
type Watcher struct {
	dirs      []string
	followers map[string]*follower
}

// New returns a Watcher of run directories and directories of runs. A directory without a run is an error.
func New(dirs ...string) (*Watcher, error) {
	for _, dir := range dirs {
		runs, err := lab.List(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return nil, fmt.Errorf("watch %s: %w", dir, err)
		}
		if len(runs) == 0 {
			return nil, lab.HoldsNone(dir)
		}
	}
	return &Watcher{dirs, map[string]*follower{}}, nil
}

// Look reads what is new and returns a view of each run, running ones first. It includes runs that appeared since.
func (w *Watcher) Look() []View {
	now := time.Now()
	var views []View
	seen := map[string]*follower{}
	for _, dir := range w.dirs {
		runs, _ := lab.List(dir) // a directory that was removed has no runs
		for _, run := range runs {
			if seen[run] != nil {
				continue
			}
			if seen[run] = w.followers[run]; seen[run] == nil {
				seen[run] = newFollower(run)
			}
			views = append(views, seen[run].look(now))
		}
	}
	w.followers = seen
	slices.SortStableFunc(views, byState)
	return views
}

// Ended reports whether all runs have ended.
func Ended(views []View) bool {
	return !slices.ContainsFunc(views, func(v View) bool { return !v.Ended() })
}
