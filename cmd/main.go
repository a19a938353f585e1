// Package cmd is the command engram, as a library: a program whose main function calls Main has all of engram's
// commands, and knows beside engram's tasks those that it registered (tasks.Register). 'engram new' writes such a
// program.
package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/internal/signals"
	"engram/lab"
)

// Main runs the command line os.Args and exits. The processes that it starts are of the same executable, so that they
// know the same tasks.
func Main() {
	surviveReaders()
	out := &output{File: os.Stdout}
	root := newRoot()
	root.SetOut(&plain.Writer{Out: out})
	words := lateWords(root, os.Args[1:])
	ctx, stop := signals.WithSignals(context.Background(), func(s signals.Stopped, isLate bool) {
		if isLate {
			fmt.Fprintf(os.Stderr, "engram: %v %s\n", s, cmp.Or(lateTraining(), words))
		}
		os.Exit(s.ExitCode())
	})
	command, err := root.ExecuteContextC(ctx)
	stop()
	if err == nil {
		err = out.failed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engram: "+said(ctx, command, err))
	}
	os.Exit(exitCode(ctx, err))
}

// said returns the text of a command's error. That of a context that a signal cancelled says that the command was
// interrupted, and what is kept.
func said(ctx context.Context, c *cobra.Command, err error) string {
	text, cancelled := plain.Error(err), context.Canceled.Error()
	switch {
	case !errors.Is(err, context.Canceled) || !errors.As(context.Cause(ctx), &signals.Stopped{}):
		return text
	case text != cancelled:
		return strings.ReplaceAll(text, cancelled, "interrupted")
	case c.Annotations[late] != "":
		return "interrupted: the same command continues"
	}
	return "interrupted: nothing was written"
}

// late is the annotation of a command with what happens to its work if it is stopped and does not end in time.
const late = "late"

// inTraining is the directory of the run that this process trains; nil: it trains none.
var inTraining atomic.Pointer[string]

// lateTraining returns what becomes of the run that this process trains if it is stopped before a checkpoint could be
// written, or nothing if it trains none.
func lateTraining() string {
	if dir := inTraining.Load(); dir != nil {
		return beforeCheckpoint(*dir)
	}
	return ""
}

// beforeCheckpoint returns what becomes of a run that was stopped before a checkpoint could be written.
func beforeCheckpoint(dir string) string {
	name, command := plain.Text(dir), plain.Path(dir)
	last, made := lastCheckpoint(dir)
	switch {
	case !made:
		return fmt.Sprintf("before run %s was made: nothing is there to be resumed", name)
	case last < 0:
		return fmt.Sprintf("before the first checkpoint of run %s was written: 'engram resume %s' begins it again",
			name, command)
	}
	return fmt.Sprintf("before a checkpoint of run %s could be written: 'engram resume %s' continues from that of "+
		"update %d", name, command, last)
}

// lastCheckpoint returns the update of a run's newest checkpoint, -1 if it has none; made is false if there is no run.
func lastCheckpoint(dir string) (update int64, made bool) {
	r, err := lab.OpenUnchecked(dir)
	if err != nil {
		return -1, false
	}
	updates, err := r.Checkpoints()
	if err != nil || len(updates) == 0 {
		return -1, true
	}
	return updates[len(updates)-1], true
}

// goesOn annotates a command that starts many runs.
var goesOn = map[string]string{late: "before its runs had ended: the same command continues them"}

// lateWords returns the annotation late of the command that the arguments name.
func lateWords(root *cobra.Command, args []string) string {
	if c, _, err := root.Find(args); err == nil && c.Annotations[late] != "" {
		return c.Annotations[late]
	}
	return "before it had ended"
}
