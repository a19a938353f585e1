package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"engram/internal/child"
	"engram/internal/lock"
	"engram/lab"
)

// Options are how a suite is run.
type Options struct {
	Executable string // engram: each run is a process of its own, so that none can take another with it
	Backend    string
	Workers    int // runs at a time
	// Watch is told when a trial begins (Done false) and when it is done, one call at a time; it may be nil.
	Watch func(Event)
	// Notice is told, in one line and one call at a time, that the lock of a process that has died was taken over, or
	// that a run in use is waited for; it may be nil.
	Notice func(string)
}

func (o Options) notice(line string) {
	if o.Notice != nil {
		o.Notice(line)
	}
}

// Event is what happens to a trial.
type Event struct {
	Trial   Trial
	Done    bool
	Skipped bool  // it had finished before
	Err     error // of a run that failed
	Run     *lab.Run
}

// freeWithin is how long a run that another process trains is waited for: longer than one takes to write its
// checkpoint.
const freeWithin = 30 * time.Second

// Run trains what is missing of a suite's directory. A run that fails is told to the watcher and does not stop the
// others; the number of failed runs is returned. A cancelled context stops the running ones and returns its error.
func Run(ctx context.Context, dir string, o Options) (failed int, err error) {
	p, err := ReadPlan(dir)
	if err != nil {
		return 0, err
	}
	trials, err := p.Trials()
	if err != nil {
		return 0, err
	}
	held, err := lock.Acquire("suite", dir, o.notice)
	if err != nil {
		return 0, err
	}
	defer held.Release()
	var (
		mutex sync.Mutex
		group sync.WaitGroup
		queue = make(chan Trial)
	)
	notice := o.notice
	o.Notice = func(line string) {
		mutex.Lock()
		defer mutex.Unlock()
		notice(line)
	}
	tell := func(e Event) {
		mutex.Lock()
		defer mutex.Unlock()
		if e.Err != nil && ctx.Err() == nil {
			failed++
		}
		if o.Watch != nil && ctx.Err() == nil {
			o.Watch(e)
		}
	}
	for range o.Workers {
		group.Go(func() {
			for t := range queue {
				o.trial(ctx, dir, t, tell)
			}
		})
	}
	for _, t := range trials {
		if ctx.Err() == nil {
			queue <- t
		}
	}
	close(queue)
	group.Wait()
	return failed, ctx.Err()
}

// trial trains one run, unless it has finished.
func (o Options) trial(ctx context.Context, dir string, t Trial, tell func(Event)) {
	path := filepath.Join(dir, t.String())
	free := o.free(ctx, path)
	r, err := lab.Open(path)
	if err == nil && r.About.State == lab.Finished {
		if different := t.Config.Differences(r.Config); different != "" { // the preset has changed since
			err = fmt.Errorf("%s was trained with another config: its %s; choose another directory", path, different)
		}
		tell(Event{Trial: t, Done: true, Skipped: true, Run: r, Err: err})
		return
	}
	tell(Event{Trial: t})
	resumable := err != nil || r.Resumable()
	err = o.goOn(ctx, path, t, resumable)
	if _, taken := lock.HolderOf(path); err != nil && free && taken && o.free(ctx, path) { // by one that had just begun
		err = o.goOn(ctx, path, t, resumable)
	}
	if err != nil {
		tell(Event{Trial: t, Done: true, Err: fmt.Errorf("%s: %w", t, err)})
		return
	}
	r, err = lab.Open(path)
	tell(Event{Trial: t, Done: true, Run: r, Err: err})
}

// goOn trains what is missing of a run; of one that an earlier version left unfinished, all.
func (o Options) goOn(ctx context.Context, path string, t Trial, resumable bool) error {
	if !resumable {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return o.train(ctx, path, t)
}

// train runs engram on the trial's config, on one core.
func (o Options) train(ctx context.Context, path string, t Trial) error {
	config, err := json.Marshal(t.Config)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	arguments := []string{"train", "--run", path, "--config", "-", "--quiet", "--json", "--no-report", "--backend",
		o.Backend}
	return child.Run(ctx, o.Executable, arguments, bytes.NewReader(config))
}

// free waits until no process trains the run, and reports whether there is none: one that outlived its suite for a
// moment ends by itself. Another one is left to the run's own process to name.
func (o Options) free(ctx context.Context, path string) bool {
	h, held := lock.HolderOf(path)
	if held {
		o.notice(fmt.Sprintf("run %s is in use by process %d on %s: waiting for it to end", path, h.PID, h.Host))
	}
	for late := time.Now().Add(freeWithin); held && time.Now().Before(late) && ctx.Err() == nil; {
		time.Sleep(100 * time.Millisecond)
		_, held = lock.HolderOf(path)
	}
	return !held
}
