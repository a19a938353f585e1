package sweep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stopWithin is the time that a worker process may take to write its checkpoint once it is told to stop.
const stopWithin = 20 * time.Second

// Processes does what Work does, by o.Workers processes of the executable engram, each on one core and the backend of the
// name given, so that none can take another with it. One that is killed is replaced.
func Processes(ctx context.Context, dir, executable, backend string, o Options) error {
	w, err := newWorker(dir, o) // fails now rather than in every process
	if err != nil {
		return err
	}
	limited, cancel := w.limit(ctx)
	defer cancel()
	arguments := []string{"sweep", "worker", dir, "--backend", backend, "--pack", strconv.Itoa(max(1, o.Pack))}
	if o.RetryFailed {
		arguments = append(arguments, "--retry-failed")
	}
	for {
		before, err := w.progress()
		if err != nil {
			return err
		}
		if err := spawnAll(limited, max(1, o.Workers), executable, arguments); err != nil || limited.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		after, err := w.progress()
		if err != nil || after == before { // a round in which nothing happened: nothing is left
			return err
		}
	}
}

// progress is the number of attempts that were made.
func (w *worker) progress() (attempts int, err error) {
	err = w.view.refresh()
	for _, t := range w.view.trials {
		attempts += len(t.attempts)
	}
	return attempts, err
}

// spawnAll runs n processes until each has found nothing left to do.
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

// deaths is the number of times that a worker is replaced whose process was killed within a moment.
const deaths = 20

// spawn runs a worker process, and another one where it was killed.
func spawn(ctx context.Context, executable string, arguments []string) error {
	for died := 0; ; {
		began := time.Now()
		err := runProcess(ctx, executable, arguments)
		var exit *exec.ExitError
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if !errors.As(err, &exit) || exit.ExitCode() != -1 { // -1: by a signal
			return err
		}
		if died++; time.Since(began) > time.Minute {
			died = 0
		}
		if died == deaths {
			return fmt.Errorf("worker processes are killed again and again: see whether memory is short: %w", err)
		}
	}
}

func runProcess(ctx context.Context, executable string, arguments []string) error {
	command := exec.CommandContext(ctx, executable, arguments...)
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "NPROC=1") // NPROC: the threads of XLA
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopWithin
	var said bytes.Buffer
	command.Stderr = &said
	err := command.Run()
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	return fmt.Errorf("%w: %s", err, strings.TrimPrefix(lines[len(lines)-1], "engram: "))
}
