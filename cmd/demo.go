package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/durable"
	"engram/lab"
)

// demoShare is the share of the ceiling that counts as solved: 0.475 of GoNogo's 0.5 a trial.
const demoShare = 0.95

// demoSeed gives an agent that is wrong at first. GoNogo has no noise, so an untrained agent is always right on a cue
// or never: one in four is right on both by luck and would have nothing to learn.
const demoSeed = 7

func newDemo() *cobra.Command {
	var o trainOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Train an agent on GoNogo until it is solved, and show it",
		Long: `Train an agent with the default preset on NeuroGym's GoNogo until it earns 95 % of the ceiling (the
most that its observations allow) on 2,000 fresh trials. Print what it earns beside the reference policies, and write
its report.`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := drqn.Preset("default")
			if err != nil {
				return err
			}
			config.Task, config.Seed, config.StopAt = "GoNogo", demoSeed, demoShare
			config.EvalEvery, config.MetricsEvery = 250, 50
			o.dir = unusedDir(o.dir)
			runs, err := trainAndReport(c, []lab.Job{{Dir: o.dir, Config: config}}, o)
			if err != nil {
				return err
			}
			if run := runs[0]; run.About.Result.ShareOfCeiling < demoShare {
				return fmt.Errorf("not solved: %.3f a trial; %s holds what was learned",
					run.About.Result.RewardPerTrial, run.Dir)
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.dir, "run", filepath.Join("runs", "demo"),
		"run `directory` to make; a number is added where it exists")
	before(c, func(*cobra.Command, []string) error { return durable.WritableFolder(unusedDir(o.dir)) })
	addBackendFlag(c, &o.backend)
	c.Flags().BoolVar(&o.json, "json", false, "print the final evaluation as one JSON line, and no progress")
	return c
}

// unusedDir returns the first of dir, dir-2, dir-3 and so on that does not exist.
func unusedDir(dir string) string {
	candidate := dir
	for i := 2; ; i++ {
		if _, err := os.Lstat(candidate); err != nil {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", dir, i)
	}
}
