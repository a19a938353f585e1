// Package cmd is the command engram, as a library: a program whose main function calls Main has all of engram's
// commands, and knows beside engram's tasks those that it registered (tasks.Register). 'engram new' writes such a
// program.
package cmd

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/internal/signals"
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
			fmt.Fprintf(os.Stderr, "engram: %v %s\n", s, words)
		}
		os.Exit(s.ExitCode())
	})
	err := root.ExecuteContext(ctx)
	stop()
	if err == nil {
		err = out.failed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engram: "+plain.Error(err))
	}
	os.Exit(exitCode(ctx, err))
}

// late is the annotation of a command with what happens to its work if it is stopped and does not end in time.
const late = "late"

// lateness annotates a command that trains runs itself.
var lateness = map[string]string{
	late: "before a checkpoint could be written: 'engram resume' continues from the last one"}

// goesOn annotates a command that starts many runs.
var goesOn = map[string]string{late: "before its runs had ended: the same command continues them"}

// lateWords returns the annotation late of the command that the arguments name.
func lateWords(root *cobra.Command, args []string) string {
	if c, _, err := root.Find(args); err == nil && c.Annotations[late] != "" {
		return c.Annotations[late]
	}
	return "before it had ended"
}
