package watch

import (
	"fmt"
	"slices"
	"time"

	"engram/lab"
)

// Watcher follows runs: those named, and all below directories that are named. It is not safe for concurrent use.
type Watcher struct {
	dirs      []string
	followers map[string]*follower
}

// New watches run directories and directories of runs. One that holds no run is an error.
func New(dirs ...string) (*Watcher, error) {
	for _, dir := range dirs {
		runs, err := lab.List(dir)
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", dir, err)
		}
		if len(runs) == 0 {
			return nil, fmt.Errorf("%s holds no run: 'engram train --run %s' makes one", dir, dir)
		}
	}
	return &Watcher{dirs, map[string]*follower{}}, nil
}

// Look reads what is new and returns a view of each run, those that run first. Runs that appeared since are among them.
func (w *Watcher) Look() []View {
	now := time.Now()
	var views []View
	seen := map[string]*follower{}
	for _, dir := range w.dirs {
		runs, _ := lab.List(dir) // a directory that is gone has no runs
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

// Ended says whether nothing more is to come of any run.
func Ended(views []View) bool {
	return !slices.ContainsFunc(views, func(v View) bool { return !v.Ended() })
}
