package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/plots"
	"engram/sweep"
	"engram/sweep/cluster"
	"engram/sweep/report"
)

func newSweepStatus() *cobra.Command {
	var asJSON, follow bool
	var rows int
	c := &cobra.Command{
		Use:     "status DIR",
		Short:   "Print the state of a study, what it waits for and what failed",
		Example: "  engram sweep status runs/study\n  engram sweep status runs/study --json",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			for {
				s, err := r.Status()
				if err != nil {
					return err
				}
				if asJSON {
					err = printJSON(c.OutOrStdout(), s)
				} else if follow && !s.Done {
					line := append([]string{s.Line() + queue(r.Dir, s.Done)}, s.Waiting...)
					_, err = fmt.Fprintln(c.OutOrStdout(), strings.Join(line, "; "))
				} else {
					err = printStatus(c.OutOrStdout(), r, s, rows)
				}
				if err != nil || !follow || s.Done {
					return err
				}
				select {
				case <-c.Context().Done():
					return nil // the reader has seen enough
				case <-time.After(followEvery):
				}
				if err := r.Refresh(); err != nil {
					return err
				}
			}
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON line")
	c.Flags().BoolVar(&follow, "follow", false, "look again every few seconds, until all is done")
	c.Flags().IntVar(&rows, "rows", 10, "number of trials to show: running ones first, then the best")
	return c
}

// followEvery is the time between two looks at a study.
const followEvery = 5 * time.Second

// queue returns the state of a study's jobs on the cluster, as a text to append to the study's own line.
func queue(dir string, done bool) string {
	if said := cluster.Queue(dir, done); said != "" {
		return "; " + said
	}
	return ""
}

func printStatus(w io.Writer, r *sweep.Reader, s sweep.Status, rows int) error {
	fmt.Fprintln(w, s.Line()+queue(r.Dir, s.Done))
	for _, why := range s.Waiting {
		fmt.Fprintln(w, "  "+plain.Text(why))
	}
	trials, err := r.Trials()
	if err != nil {
		return err
	}
	if len(trials) > 0 && rows > 0 {
		if err := printTable(w, report.Table(r, trials, rows)); err != nil {
			return err
		}
	}
	if len(s.Failed) > 0 {
		t := &plots.Table{Header: []string{"trial", "state", "attempts", "host", "why"}}
		for _, f := range s.Failed {
			t.Rows = append(t.Rows, []string{fmt.Sprint(f.Trial), string(f.State), fmt.Sprint(f.Attempts), f.Host,
				f.Reason})
		}
		if err := printTable(w, t); err != nil {
			return err
		}
	}
	for _, host := range s.Hosts {
		fmt.Fprintf(w, "on host %s the last attempts all failed: check what is wrong there\n", plain.Text(host))
	}
	return nil
}

func newSweepBest() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "best DIR",
		Short:   "Print the best trial's config, for 'engram train --config'",
		Example: "  engram sweep best runs/study > best.json\n  engram train --config best.json --run runs/best",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			config, err := r.BestConfig()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", config)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "accepted and without effect: the output is JSON with and without it")
	return c
}

func newSweepReport() *cobra.Command {
	return reporting("Write a study's HTML report: best so far, learning curves, parameters, importances, trials",
		func(dir, out string) (string, error) {
			r, err := sweep.Open(dir)
			if err != nil {
				return "", err
			}
			return report.Write(r, out)
		})
}

func newSweepExport() *cobra.Command {
	var asCSV, asJSON bool
	c := &cobra.Command{
		Use:     "export DIR",
		Short:   "Print a study's trials as CSV or JSON lines",
		Example: "  engram sweep export runs/study --csv > trials.csv",
		Args:    arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			if !asJSON {
				return r.WriteCSV(c.OutOrStdout())
			}
			trials, err := r.Trials()
			if err != nil {
				return err
			}
			for _, t := range trials {
				if err := printJSON(c.OutOrStdout(), t); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asCSV, "csv", false, "print CSV (the default)")
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON line for each trial")
	c.MarkFlagsMutuallyExclusive("csv", "json")
	return c
}

func newSweepCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check DIR",
		Short: "Repeat every suggestion from the history that it names, and compare",
		Long: `Repeat every suggestion of a study, from its seed and the trials that it names as its history, and
compare it with the values that were tried. This holds however many workers carried the study out.`,
		Args: arguments("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := sweep.Open(args[0])
			if err != nil {
				return err
			}
			n, err := r.Audit()
			if err != nil {
				return err
			}
			return answer(c, struct {
				Study  string `json:"study"`
				Trials int    `json:"trials"` // compared, all of them equal
			}{r.Dir, n}, fmt.Sprintf("%d trials are what the study's seed and the history that each names give", n))
		},
	}
	addJSON(c, "print the number of trials compared as one JSON object")
	return c
}
