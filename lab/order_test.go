package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/durable"
	"engram/internal/lock"
)

// TestOrderOfWrites checks that, when a checkpoint gets its name, its files, their names in its folder and the journals
// are on the disk, and afterwards the name itself; so is what run.json says.
func TestOrderOfWrites(t *testing.T) {
	list := jobs(t, t.TempDir(), 1)
	list[0].Config.CheckpointEvery = 3
	dir := list[0].Dir
	var mutex sync.Mutex
	var steps []string
	stop := durable.Observe(func(step, path string) {
		mutex.Lock()
		defer mutex.Unlock()
		path, err := filepath.Rel(dir, path)
		if err != nil {
			t.Error(err)
		}
		steps = append(steps, step+" "+path)
	})
	defer stop()
	trainTo(t, backendtest.Open(t, backend.Go), list, 0)
	mutex.Lock()
	defer mutex.Unlock()
	began := 0
	for update := 3; update <= 12; update += 3 {
		named := slices.Index(steps, fmt.Sprintf("rename checkpoints/%d", update))
		if named < began {
			t.Fatalf("checkpoint %d has no name in %q", update, steps)
		}
		before, after := steps[began:named], steps[named+1:]
		folder := ""
		for _, step := range before {
			if rest, found := strings.CutPrefix(step, "sync checkpoints/"); found {
				folder = "checkpoints/" + strings.Split(rest, "/")[0]
			}
		}
		want := []string{"syncdir " + folder}
		for _, name := range journalFiles {
			want = append(want, "sync "+name)
		}
		for _, name := range append([]string{manifestFile}, stateFiles...) {
			want = append(want, "sync "+folder+"/"+name)
		}
		for _, step := range want {
			if !slices.Contains(before, step) {
				t.Errorf("checkpoint %d has its name before %q", update, step)
			}
		}
		if last := before[len(before)-1]; last != "syncdir "+folder {
			t.Errorf("before the name of checkpoint %d comes %q", update, last)
		}
		if len(after) == 0 || after[0] != "syncdir checkpoints" {
			t.Errorf("after the name of checkpoint %d comes %q", update, after[:min(1, len(after))])
		}
		began = named + 1
	}
	renamed := 0
	for i, step := range steps {
		if step == "rename run.json" {
			renamed++
			if !strings.HasPrefix(steps[i-1], "sync .new-") || steps[i+1] != "syncdir ." {
				t.Errorf("run.json is replaced between %q and %q", steps[i-1], steps[i+1])
			}
		}
	}
	if renamed < 3 { // at the beginning twice, and at the end
		t.Errorf("run.json was replaced %d times", renamed)
	}
}

// taker takes a run's lock over at an update's metrics, as a process does to which this one seemed dead, and notes what
// the run's directory had then.
type taker struct {
	dir, had string
	at       int64
}

func (w *taker) Metrics(m drqn.Metrics) error {
	if m.Update != w.at {
		return nil
	}
	if err := os.WriteFile(filepath.Join(w.dir, "run.lock.2"), []byte("{}"), 0o644); err != nil {
		return err
	}
	var err error
	w.had, err = listing(w.dir)
	return err
}
func (w *taker) Evaluation(int, drqn.Evaluation) error { return nil }
func (w *taker) Notice(string)                         {}

// listing returns the content of a run's directory, without temporary files of a process that lost its lock.
func listing(dir string) (string, error) {
	var all []string
	for _, name := range append([]string{runFile}, journalFiles...) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		all = append(all, name+": "+string(data))
	}
	updates, err := checkpointsOf(dir)
	return fmt.Sprint(all, updates), err
}

// TestLostLock checks that a process that lost the run's lock writes nothing more: neither metrics, nor evaluations,
// nor a checkpoint, nor how it ended.
func TestLostLock(t *testing.T) {
	for name, change := range map[string]func(*drqn.Config){
		"metrics":     func(c *drqn.Config) { c.EvalEvery, c.EvalTrials, c.CheckpointEvery = 0, 0, 100 },
		"evaluations": func(c *drqn.Config) { c.EvalEvery, c.MetricsEvery, c.CheckpointEvery = 3, 3, 100 },
		"checkpoints": func(c *drqn.Config) {
			c.EvalEvery, c.EvalTrials, c.MetricsEvery, c.CheckpointEvery = 0, 0, 6,
				6
		},
	} {
		t.Run(name, func(t *testing.T) {
			list := jobs(t, t.TempDir(), 1)
			change(&list[0].Config)
			w := &taker{dir: list[0].Dir, at: int64(list[0].Config.MetricsEvery)}
			_, err := Train(t.Context(), list, backendtest.Open(t, backend.Go), backend.Go, w)
			if !errors.Is(err, lock.ErrLost) {
				t.Errorf("%s: error %v", name, err)
			}
			if has, err := listing(list[0].Dir); err != nil || has != w.had {
				t.Errorf("%s: after the lock was lost the run has\n%s\nand had\n%s, %v", name, has, w.had, err)
			}
		})
	}
}

// mover renames a run's directory at the first metrics.
type mover struct{ from, to string }

func (w mover) Metrics(drqn.Metrics) error {
	if _, err := os.Lstat(w.to); err == nil {
		return nil
	}
	return os.Rename(w.from, w.to)
}
func (mover) Evaluation(int, drqn.Evaluation) error { return nil }
func (mover) Notice(string)                         {}

// TestMovedWhileItTrained checks that the error does not name checkpoints that are not where it says.
func TestMovedWhileItTrained(t *testing.T) {
	list := jobs(t, t.TempDir(), 1)
	_, err := Train(t.Context(), list, backendtest.Open(t, backend.Go), backend.Go,
		mover{list[0].Dir, list[0].Dir + "-moved"})
	if err == nil || !strings.Contains(err.Error(), list[0].Dir+" was removed or renamed while it trained") ||
		strings.Contains(err.Error(), "is whole") {
		t.Errorf("error %v", err)
	}
}
