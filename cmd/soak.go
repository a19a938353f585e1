package cmd

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"engram/internal/selftest/soak"
	"engram/plots"
)

func newSoak() *cobra.Command {
	var o soak.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "soak",
		Short: "Train, watch and evaluate for a long time, and measure memory and open files",
		Long: `Train a small run for the whole time, follow it with 'engram watch' and on its page, which is read
again and again, and evaluate it over and over. The memory and open files of every process are measured and must not
grow from the second quarter of the time to the last.`,
		Example: "  engram selftest soak --for 30m",
		Args:    arguments(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.For < 4*o.Every || o.Every <= 0 {
				return fmt.Errorf("invalid --for %s with a sample every %s: use four samples or more", o.For, o.Every)
			}
			if err := resolveBackend(&o.Backend); err != nil {
				return err
			}
			if o.Executable, err = makeWorkDir(&o.Dir); err != nil {
				return err
			}
			defer os.RemoveAll(o.Dir)
			return runSoak(c, o, asJSON)
		},
	}
	c.Flags().DurationVar(&o.For, "for", 30*time.Minute, "how long")
	c.Flags().DurationVar(&o.Every, "every", 10*time.Second, "time between two samples")
	writesIn(c, &o.Dir, "dir", "`directory` in which a temporary one is made for the run")
	addBackendFlag(c, &o.Backend)
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as one JSON list")
	return c
}

func runSoak(c *cobra.Command, o soak.Options, asJSON bool) error {
	said := -time.Minute
	o.Watch = func(s soak.Sample) { // every minute what each process holds
		at := time.Duration(s.Seconds * float64(time.Second))
		if s.Process == "eval" && at >= said+time.Minute {
			said = at
		}
		if said == at {
			fmt.Fprintf(c.ErrOrStderr(), "%6s  %-5s  %7.1f MB  %d open files\n", at.Round(time.Second), s.Process,
				mb(s.Memory), s.Descriptors)
		}
	}
	results, err := o.Run(c.Context())
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(c.OutOrStdout(), results)
	} else {
		err = printTable(c.OutOrStdout(), soakTable(results))
	}
	for _, r := range results {
		if err == nil && !r.Flat() {
			err = fmt.Errorf("%s grew: from %.1f to %.1f MB, from %d to %d open files", r.Process, mb(r.MemoryEarly),
				mb(r.MemoryLate), r.DescriptorsEarly, r.DescriptorsLate)
		}
	}
	return err
}

func soakTable(results []soak.Result) *plots.Table {
	t := &plots.Table{Header: []string{"process", "samples", "memory, 2nd quarter (MB)", "last quarter (MB)",
		"open files, 2nd quarter", "last quarter"}}
	for _, r := range results {
		t.Rows = append(t.Rows, []string{r.Process, fmt.Sprint(r.Samples), fmt.Sprintf("%.1f", mb(r.MemoryEarly)),
			fmt.Sprintf("%.1f", mb(r.MemoryLate)),
			fmt.Sprint(r.DescriptorsEarly), fmt.Sprint(r.DescriptorsLate)})
	}
	return t
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }
