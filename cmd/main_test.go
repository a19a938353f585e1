package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"engram/internal/signals"
)

// TestLateWords checks that only a command that starts many runs says that the same command continues them.
func TestLateWords(t *testing.T) {
	for args, want := range map[string]string{
		"suite run --out a": "same command", "sweep run a": "same command", "sweep resume a": "same command",
		"sweep worker a": "same command",
		"digest a":       "before it had ended", "runs a": "before it had ended", "nothing": "before it had ended",
		"": "before it had ended", "train --run a": "before it had ended",
	} {
		if words := lateWords(newRoot(), strings.Fields(args)); !strings.Contains(words, want) {
			t.Errorf("%s: %q, want %q", args, words, want)
		}
	}
}

// TestLateTraining checks what is said of a run that is stopped before a checkpoint could be written: it is named, and
// only what is there is said to be resumed.
func TestLateTraining(t *testing.T) {
	dir := copied(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.CopyFS(in("without"), os.DirFS(in("run"))), os.RemoveAll(in("without/checkpoints")),
		os.Mkdir(in("without/checkpoints"), 0o755)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"run":     "'engram resume " + in("run") + "' continues from that of update 12",
		"without": "before the first checkpoint of run " + in("without") + " was written: 'engram resume ",
		"new":     "before run " + in("new") + " was made: nothing is there to be resumed",
	} {
		path := in(name)
		inTraining.Store(&path)
		if words := lateTraining(); !strings.Contains(words, want) {
			t.Errorf("%s: %q, want %q", name, words, want)
		}
		if words := (interruption{path, context.Canceled}).Error(); name != "run" && !strings.Contains(words, want) {
			t.Errorf("%s: %q, want %q", name, words, want)
		}
	}
	inTraining.Store(nil)
	if words := lateTraining(); words != "" {
		t.Errorf("without a training: %q", words)
	}
}

// TestSaidOfInterrupt checks what a command says that was interrupted, and that no other error is changed.
func TestSaidOfInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(signals.Stopped{Signal: syscall.SIGINT})
	many := &cobra.Command{Annotations: goesOn}
	for _, c := range []struct {
		ctx     context.Context
		command *cobra.Command
		err     error
		want    string
	}{
		{ctx, &cobra.Command{}, context.Canceled, "interrupted: nothing was written"},
		{ctx, many, errors.Join(context.Canceled), "interrupted: the same command continues"},
		{ctx, many, fmt.Errorf("stopped: the same command resumes it: %w", context.Canceled),
			"stopped: the same command resumes it: interrupted"},
		{ctx, many, errors.New("full"), "full"},
		{t.Context(), many, context.Canceled, "context canceled"},
	} {
		if text := said(c.ctx, c.command, c.err); text != c.want {
			t.Errorf("%v: %q, want %q", c.err, text, c.want)
		}
	}
}
