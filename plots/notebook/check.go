package notebook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"engram/internal/plain"
)

// Check ends the cell if there is an error: with one line on standard error and exit code 1. Functions that a cell
// has deferred are not called then. The error of the stop button says so and exits with 130, as an interrupted command
// does.
func Check(err error) {
	if err == nil {
		return
	}
	gonbui.Sync() // what was shown before reaches the notebook
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "stopped - "+resume)
		os.Exit(130)
	}
	fmt.Fprintln(os.Stderr, oneLine(err))
	os.Exit(1)
}

// oneLine returns an error as one line of plain text.
func oneLine(err error) string {
	return plain.Text(strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; "))
}

// Must returns the value of a call that may fail, and ends the cell as Check does if it did:
//
//	run := notebook.Must(lab.Open("runs/a"))
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Do does a job of a cell. Its error ends the cell as Check does, and so does the panic of a chart that cannot be
// drawn.
func Do(job func() error) { Check(caught(job)) }

// caught returns the error of a job, also of one that panics with an error. A fault of the program, such as an index
// out of range, still panics: its trace is needed.
func caught(job func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			panic(p)
		case error:
			err = p
		default:
			panic(p)
		}
	}()
	return job()
}
