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
	ctx, stop := signals.WithSignals(context.Background(), lateWords(root, os.Args[1:]))
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

// late is the annotation of a command that says what happens to its work if it is stopped and does not end in time.
const late = "late"

// lateness are the words of a command that trains runs itself.
var lateness = map[string]string{late: "before a checkpoint could be written: 'engram resume' goes on from the one before"}

// goesOn are the words of a command that has many runs.
var goesOn = map[string]string{late: "before its runs had ended: the same command goes on"}

// lateWords returns what is said if the command that the arguments name is stopped and does not end in time.
func lateWords(root *cobra.Command, args []string) string {
	if c, _, err := root.Find(args); err == nil && c.Annotations[late] != "" {
		return c.Annotations[late]
	}
	return "before it had ended"
}
