package signals

import (
	"context"
	"fmt"
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

// ExitCode is 130 for an interrupt (control-C, a notebook's stop button), 143 for a termination and 129 for a hang-up.
func (s Stopped) ExitCode() int { return 128 + int(s.Signal) }

// WithSignals is a context that the first interrupt, termination or hang-up of the process cancels, so that Train
// writes a checkpoint and returns; a second one, half a second later or more, ends the process at once. So does the
// first after 4.5 seconds, because of what cannot be interrupted, such as the compilation of a program: it says late,
// such as "before a checkpoint could be written". A signal that the process was begun to ignore, as nohup does, is not
// taken. A process that another one of engram began is terminated when that has died. Call stop when what the context
// is for has returned.
func WithSignals(parent context.Context, late string) (ctx context.Context, stop func()) {
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
			exitUnless(done, signals, stopped, late)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// Taken returns those of the signals that the process was not begun to ignore.
func Taken(signals ...os.Signal) []os.Signal {
	return slices.DeleteFunc(signals, signal.Ignored)
}

// exitUnless ends the process at a second signal or when the time is over, unless it is done before.
func exitUnless(done chan struct{}, signals chan os.Signal, stopped Stopped, words string) {
	late, echoes := time.After(stopWithin), time.Now().Add(echo)
	for {
		select {
		case <-done:
			return
		case <-signals:
			if time.Now().Before(echoes) {
				continue
			}
		case <-late:
			fmt.Fprintf(os.Stderr, "engram: %v %s\n", stopped, words)
		}
		os.Exit(stopped.ExitCode())
	}
}
