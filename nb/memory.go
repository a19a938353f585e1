package nb

import (
	"context"
	"fmt"

	"engram/analysis/report"
	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/perturb"
	"engram/plots/notebook"
)

// Perturb lets a run's agent act on so many of the same trials without and with a change of its memory or activity. It
// prints the shares of right answers, with Wilson's 95 % interval, draws them where the change was tried at each step,
// and returns them.
//
//	nb.Perturb("runs/a", 200, perturb.Perturbation{Kind: perturb.Wipe, When: perturb.Each})
func Perturb(dir string, trials int, p perturb.Perturbation) (result perturb.Result) {
	withAgent(dir, func(ctx context.Context, _ *lab.Run, policy *drqn.Policy, _ int64) (err error) {
		if result, err = perturb.Run(ctx, policy, trials, Seed, p); err != nil {
			return err
		}
		if len(result.Points) > 1 {
			notebook.Show(report.Perturbation(p, result).Charts...)
			return nil
		}
		fmt.Print(result.Text(p.Kind))
		return nil
	})
	return result
}

// Analyse answers what a run's memory holds, over so many trials, as 'engram analyse' does (docs/analysis.md): it
// writes the page analysis.html into the run's directory, shows its charts and tables, and returns the numbers.
//
//	nb.Analyse("runs/a", 1000)
func Analyse(dir string, trials int) (analysis *report.Analysis) {
	withAgent(dir, func(ctx context.Context, run *lab.Run, policy *drqn.Policy, update int64) (err error) {
		var path string
		o := report.Options{Trials: trials, Seed: Seed, Run: run.Dir, Update: update}
		if analysis, path, err = report.Write(ctx, run, policy, "", o); err != nil {
			return err
		}
		for _, s := range analysis.Page().Sections {
			if s.Table != nil {
				notebook.ShowTable(s.Table)
			}
			notebook.Show(s.Charts...)
		}
		fmt.Println(plain.Text(path) + " is the same as a page")
		return nil
	})
	return analysis
}
