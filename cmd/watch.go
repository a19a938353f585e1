package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"engram/internal/plain"
	"engram/lab/watch"
)

// watchOptions holds the flags of watching.
type watchOptions struct {
	serve, json, once bool
	port              int
}

func newWatch() *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use:   "watch RUN...",
		Short: "Follow runs live, in the terminal or on a local page",
		Long: `Follow runs while they train: their progress, speed and remaining time, curves, the latest evaluation,
and anything that looks wrong. RUN is a run directory, or a directory of runs, such as a suite's. Several runs are laid
over each other above, in one chart of their evaluations; the key o hides it. Watching only reads, and never holds a
training up; it ends when all runs have.

--serve shows the same as a page that updates itself, with several runs in one chart, on this machine only. To see it
through ssh, forward its port: 'ssh -L 8777:127.0.0.1:8777 HOST'. If the output is not a terminal, a text is printed now
and then.`,
		Example: `  engram watch runs/a
  engram watch runs/a runs/b --serve --port 8777
  engram watch runs --once --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{fmt.Errorf("%s needs RUN: see '%s --help'", c.CommandPath(), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			w, err := watch.New(args...)
			if err != nil {
				return err
			}
			return o.show(c, w)
		},
	}
	c.Flags().BoolVar(&o.serve, "serve", false, "show a page at http://127.0.0.1 until interrupted")
	c.Flags().IntVar(&o.port, "port", 0, "port of the page (default: a free one)")
	c.Flags().BoolVar(&o.json, "json", false, "print a JSON line for each run whenever it has written something")
	c.Flags().BoolVar(&o.once, "once", false, "print the state of the runs now, and end")
	c.MarkFlagsMutuallyExclusive("serve", "json")
	c.MarkFlagsMutuallyExclusive("serve", "once")
	return c
}

func (o watchOptions) show(c *cobra.Command, w *watch.Watcher) error {
	out := c.OutOrStdout()
	display := out
	if w, wrapped := out.(*plain.Writer); wrapped {
		display = w.Out // for colours; the text of a view is plain already
	}
	printViews := func(views []watch.View) error { return watch.Print(display, views, columns()) }
	every := plainEvery
	if o.json {
		every = time.Second
		printViews = func(views []watch.View) error {
			for _, v := range views {
				if err := printObject(out, v); err != nil {
					return err
				}
			}
			return nil
		}
	}
	switch {
	case o.serve:
		return leave(w.Serve(c.Context(), o.port, func(url string) { fmt.Fprintln(out, url) }))
	case o.once:
		return printViews(w.Look())
	case !o.json && term.IsTerminal(int(os.Stdout.Fd())):
		return leave(w.Terminal(c.Context(), os.Stdout))
	}
	return leave(w.Follow(c.Context(), every, printViews))
}

// leave returns nil for the error of a reader who stops watching.
func leave(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// columns returns the width of the terminal, or a readable one without a terminal.
func columns() int {
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		return width
	}
	return 100
}
