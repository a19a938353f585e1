// Package signals turns the signals that stop a process into a context, so that its work ends in good order.
package signals

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"engram/internal/child"
)

// stopWithin is how long a process may take to stop after a signal: Jupyter kills a cell 5 seconds after its stop
// button was pressed.
const stopWithin = 4500 * time.Millisecond

// echo is the time in which a further signal is the same one: a terminal signals a whole group of processes, whose
// parent may then pass it on, and timeout(1) signals both its child and its group.
const echo = 500 * time.Millisecond

// Stopped is the cause (context.Cause) of a context that a signal cancelled.
type Stopped struct{ Signal syscall.Signal }

// Error implements error.
func (s Stopped) Error() string { return "stopped by " + s.Signal.String() }

// ExitCode returns the exit code that shells give to a process ended by the signal: 130 for an interrupt (control-C, a
// notebook's stop button), 143 for a termination and 129 for a hang-up.
func (s Stopped) ExitCode() int { return 128 + int(s.Signal) }

// WithSignals returns a context that is cancelled by the first interrupt, termination or hang-up of the process, so
// that Train writes a checkpoint and returns; its cause is a Stopped. It calls abandon, which is to end the process, at
// a second signal, at least half a second later, or 4.5 s after the first, because some work cannot be interrupted,
// such as the compilation of a program; late reports which.
//
// A signal that the process was started to ignore, as by nohup, stays ignored. The death of the engram process that
// started this one counts as a termination. Call stop when the work under the context has returned.
func WithSignals(parent context.Context, abandon func(s Stopped, late bool)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	if taken := Taken(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP); len(taken) > 0 { // Notify takes none for all
		signal.Notify(signals, taken...)
	}
	child.WatchParent(func() {
		select {
		case signals <- syscall.SIGTERM:
		default: // it is stopping
		}
	})
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
			return
		case s := <-signals:
			stopped := Stopped{s.(syscall.Signal)}
			cancel(stopped)
			if late, given := giveUp(done, signals); given {
				abandon(stopped, late)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// Taken returns those of the signals that the process was not started to ignore.
func Taken(signals ...os.Signal) []os.Signal {
	return slices.DeleteFunc(signals, signal.Ignored)
}

// giveUp waits after a first signal until the work is done; given reports that it must be abandoned instead, because
// of a second signal or, if late, because the time is over.
func giveUp(done chan struct{}, signals chan os.Signal) (late, given bool) {
	over, echoes := time.After(stopWithin), time.Now().Add(echo)
	for {
		select {
		case <-done:
			return false, false
		case <-signals:
			if !time.Now().Before(echoes) {
				return false, true
			}
		case <-over:
			return true, true
		}
	}
}
