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

// Options say how a suite is run.
type Options struct {
	Executable string // engram; each run is a process of its own, so that a crash ends one run only
	Backend    string
	Workers    int // number of runs at a time; 0 means 1
	// Watch is called when an assignment begins (Done false) and when it is done, one call at a time; it may be nil.
	Watch func(Event)
	// Notice is called with a line for readers when the lock of a dead process is taken over or a run in use is waited
	// for, one call at a time; it may be nil.
	Notice func(string)
}

func (o Options) notice(line string) {
	if o.Notice != nil {
		o.Notice(line)
	}
}

// Event reports progress of an assignment.
type Event struct {
	Assignment Assignment
	Done       bool
	Skipped    bool  // finished earlier
	Err        error // of a run that failed
	Run        *lab.Run
}

// freeWithin bounds the wait for a run that another process trains. It is longer than a process needs to write its
// last checkpoint.
const freeWithin = 30 * time.Second

// Run trains the missing runs of a suite and returns how many failed. A failure is reported to o.Watch and does not
// stop the others. If the context is cancelled, Run stops the running ones and returns the context's error.
func Run(ctx context.Context, dir string, o Options) (failed int, err error) {
	p, err := ReadPlan(dir)
	if err != nil {
		return 0, err
	}
	assignments, err := p.Assignments()
	if err != nil {
		return 0, err
	}
	packed, err := openArchive(dir)
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
		queue = make(chan Assignment)
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
	for range max(1, min(o.Workers, len(assignments))) {
		group.Go(func() {
			for a := range queue {
				o.train(ctx, packed, a, tell)
			}
		})
	}
	for _, a := range assignments {
		if ctx.Err() == nil {
			queue <- a
		}
	}
	close(queue)
	group.Wait()
	return failed, ctx.Err()
}

// train trains an assignment, unless its run has finished.
func (o Options) train(ctx context.Context, packed archive, a Assignment, tell func(Event)) {
	path := filepath.Join(packed.dir, a.String())
	free := o.free(ctx, path)
	if k, finished, _ := packed.finished(a); finished { // its evaluations are not needed here
		tell(Event{Assignment: a, Done: true, Skipped: true, Run: k.run, Err: a.sameConfig(path, k.run)})
		return
	}
	tell(Event{Assignment: a})
	r, err := lab.Open(path)
	resumable := err != nil || r.Resumable()
	err = o.resume(ctx, path, a, resumable)
	if _, taken := lock.HolderOf(path); err != nil && free && taken && o.free(ctx, path) { // by one that had just begun
		err = o.resume(ctx, path, a, resumable)
	}
	if err != nil {
		tell(Event{Assignment: a, Done: true, Err: fmt.Errorf("%s: %w", a, err)})
		return
	}
	r, err = lab.Open(path)
	tell(Event{Assignment: a, Done: true, Run: r, Err: err})
}

// resume trains the rest of a run. One that cannot be resumed, because an earlier version left it, is trained anew.
func (o Options) resume(ctx context.Context, path string, a Assignment, resumable bool) error {
	if !resumable {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return o.runEngram(ctx, path, a)
}

// runEngram trains the assignment in a process of its own, on one core.
func (o Options) runEngram(ctx context.Context, path string, a Assignment) error {
	config, err := json.Marshal(a.Config)
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

// free waits for a process that trains the run, which may outlive its killed suite for a moment, and reports whether
// the run is free. If it is not, engram names its holder when it is started.
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
