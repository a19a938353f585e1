package cmd

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// output is standard output. It keeps the first error, so that a command whose result was not written fails.
type output struct {
	*os.File // by which it can be asked whether it is a terminal
	failed   error
}

// unwritten is the error of a result that could not be printed; the command's work is done nevertheless.
type unwritten struct{ error }

// Error implements error.
func (u unwritten) Error() string { return fmt.Sprintf("the result could not be written: %v", u.error) }

// Unwrap returns the error of the write.
func (u unwritten) Unwrap() error { return u.error }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err == nil {
		return n, nil
	}
	if o.failed == nil {
		o.failed = unwritten{err}
	}
	return n, unwritten{err}
}

// WriteString implements io.StringWriter.
func (o *output) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

// surviveReaders turns SIGPIPE into an error of the write, so that a reader that leaves, such as head, does not end the
// process. The processes that this one starts are not affected.
func surviveReaders() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
