package cmd

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/lab"
	"engram/lab/watch"
	"engram/plots"
)

func newRuns() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "runs DIR",
		Short: "List the runs below a directory with their states, best evaluations and ages",
		Long: `List the runs at and below a directory. A run is running, finished, interrupted, failed (with an error)
or died (killed, or its machine went down). 'engram resume' continues one that is resumable.`,
		Example: "  engram runs runs\n  engram runs runs --json",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			w, err := watch.New(args[0])
			if err != nil {
				return err
			}
			views := w.Look()
			if asJSON {
				return printJSON(c.OutOrStdout(), views)
			}
			for _, v := range views {
				if v.Unread != "" {
					fmt.Fprintln(c.ErrOrStderr(), plain.Text(v.Dir+": "+v.Unread))
				}
			}
			return printTable(c.OutOrStdout(), runsTable(views))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list")
	return c
}

func runsTable(views []watch.View) *plots.Table {
	t := &plots.Table{Header: []string{"run", "task", "cell", "seed", "state", "updates", "best evaluation", "age",
		"last written"}}
	for _, v := range views {
		if v.State == lab.Unreadable {
			t.Rows = append(t.Rows, []string{v.Dir, "–", "–", "–", string(v.State), "–", "–", "–", "–"})
			continue
		}
		best := "–"
		if v.Best != nil {
			best = fmt.Sprintf("%.3f (%.1f %%)", v.Best.RewardPerTrial, 100*v.Best.ShareOfCeiling)
			if v.Best.NoCeiling {
				best = v.Best.Brief()
			}
			if v.Random != nil {
				best += fmt.Sprintf(", at random %.4g", v.Random.Mean)
			}
		}
		t.Rows = append(t.Rows, []string{v.Dir, v.Task, v.Cell, fmt.Sprint(v.Seed), v.StateText(),
			fmt.Sprintf("%d of %d", v.Update, v.Updates), best, watch.Brief(time.Since(v.Created)), v.Ago() + " ago"})
	}
	return t
}
