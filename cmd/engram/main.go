// Command engram trains, evaluates and shows agents whose memory is synaptic plasticity.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/internal/signals"
)

func main() {
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
