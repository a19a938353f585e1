package sweep

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"engram/internal/child"
)

// Processes does what Work does, in o.Workers processes of the executable engram, each on one core and the named
// backend, so that one that crashes takes no other with it. A process that is killed is replaced.
func Processes(ctx context.Context, dir, executable, backend string, o Options) error {
	w, err := newWorker(dir, o) // fails now rather than in every process
	if err != nil {
		return err
	}
	limited, cancel := w.limit(ctx)
	defer cancel()
	arguments := []string{"sweep", "worker", dir, "--backend", backend, "--pack", strconv.Itoa(w.options.Pack)}
	if o.RetryFailed {
		arguments = append(arguments, "--retry-failed")
	}
	for {
		before, err := w.progress()
		if err != nil {
			return err
		}
		if err := spawnAll(limited, w.workers(), executable, arguments); err != nil || limited.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		after, err := w.progress()
		if err != nil || after == before { // no attempt was made in this round: nothing is left
			return err
		}
	}
}

// progress returns the number of attempts made so far.
func (w *worker) progress() (attempts int, err error) {
	err = w.view.refresh()
	for _, t := range w.view.trials {
		attempts += len(t.attempts)
	}
	return attempts, err
}

// spawnAll runs n worker processes until each finds nothing left to do; one that fails ends all.
func spawnAll(ctx context.Context, n int, executable string, arguments []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		group.Go(func() {
			if errs[i] = spawn(ctx, executable, arguments); errs[i] != nil {
				cancel()
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// deaths is the number of deaths in a row, each within a minute, after which a worker process is not replaced.
const deaths = 20

// spawn runs a worker process, and replaces it where it is killed.
func spawn(ctx context.Context, executable string, arguments []string) error {
	for died := 0; ; {
		began := time.Now()
		err := child.Run(ctx, executable, arguments, nil)
		var exit *exec.ExitError
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if !errors.As(err, &exit) || exit.ExitCode() != -1 { // -1: killed by a signal
			return err
		}
		if died++; time.Since(began) > time.Minute {
			died = 0
		}
		if died == deaths {
			return fmt.Errorf("worker processes are killed again and again: check whether memory is short: %w", err)
		}
	}
}
