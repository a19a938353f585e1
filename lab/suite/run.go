package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

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
	// Notice is told, in one line, that the lock of a process that has died was taken over; it may be nil.
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

// stopWithin is how long a run may take to write its checkpoint once it is told to stop.
const stopWithin = 20 * time.Second

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
	untilFree(ctx, path)
	r, err := lab.Open(path)
	if err == nil && r.About.State == lab.Finished {
		if different := t.Config.Differences(r.Config); different != "" { // the preset has changed since
			err = fmt.Errorf("%s was trained with another config: its %s; choose another directory", path, different)
		}
		tell(Event{Trial: t, Done: true, Skipped: true, Run: r, Err: err})
		return
	}
	tell(Event{Trial: t})
	if err = o.goOn(ctx, path, t, err != nil || r.Resumable()); err != nil {
		tell(Event{Trial: t, Done: true, Err: fmt.Errorf("%s: %w", t, err)})
		return
	}
	r, err = lab.Open(path)
	tell(Event{Trial: t, Done: true, Run: r, Err: err})
}

// freeEvery is the time between two looks at a run that another process trains.
const freeEvery = 500 * time.Millisecond

// untilFree waits while another process trains a run, such as one that a killed suite left: it counts among the workers, and
// what it has come to is gone on with.
func untilFree(ctx context.Context, path string) {
	for {
		if _, held := lock.HolderOf(path); !held {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(freeEvery):
		}
	}
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
	command := exec.CommandContext(ctx, o.Executable, "train", "--run", path, "--config", "-", "--quiet", "--json", "--no-report", "--backend", o.Backend)
	command.Stdin = bytes.NewReader(config)
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "NPROC=1") // NPROC: the threads of XLA
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopWithin
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%w: %s", err, strings.TrimPrefix(lines[len(lines)-1], "engram: "))
	}
	return nil
}
