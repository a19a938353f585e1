package live

import (
	"context"
	"fmt"
	"path/filepath"

	"engram/drqn"
	"engram/lab"
	"engram/plots/notebook"
)

// Agent is a config with a name, which is also that of its run's folder.
type Agent struct {
	Name   string
	Config drqn.Config
}

// Run trains agents one after the other in a cell, each in the run directory FOLDER/NAME, shows their curves together,
// and prints what each earns. Runs that are finished are drawn and not trained again; others go on. The stop button
// ends it with a checkpoint, which is no error, and the cell run again goes on.
func Run(title, folder string, agents ...Agent) error {
	ctx, stop := notebook.Interruptible()
	defer stop()
	_, err := train(ctx, title, folder, agents...)
	if ctx.Err() != nil {
		fmt.Println("stopped - run the cell again to go on")
		return nil
	}
	return err
}

// train is Run until a context is cancelled, which is an error, as in lab.Train.
func train(ctx context.Context, title, folder string, agents ...Agent) ([]*lab.Run, error) {
	b, backend, err := Backend()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range agents {
		names = append(names, a.Name)
	}
	watch, err := NewWatch(title, agents[0].Config, names...)
	if err != nil {
		return nil, err
	}
	defer watch.Close()
	var runs []*lab.Run
	for i, a := range agents {
		trained, err := lab.Train(ctx, []lab.Job{{Dir: filepath.Join(folder, a.Name), Config: a.Config}}, b, backend,
			watch.Member(i))
		if err == nil {
			err = watch.redraw(i, trained[0])
		}
		if err != nil {
			return runs, fmt.Errorf("%s: %w", a.Name, err)
		}
		runs = append(runs, trained[0])
		e := trained[0].About.Result
		fmt.Printf("%-20s %+.3f a trial, %3.0f %% of trials right\n", a.Name, e.RewardPerTrial, 100*e.Accuracy)
	}
	return runs, nil
}

// redraw takes a member's curve from its run, which also has what was trained before.
func (w *Watch) redraw(member int, run *lab.Run) error {
	evaluations, err := run.Evaluations()
	if err != nil {
		return err
	}
	s := &w.greedy[member]
	s.X, s.Y = nil, nil
	for _, e := range evaluations {
		w.add(s, e.Update, e.RewardPerTrial)
	}
	w.bar.Set(run.Config.Updates, w.greedy[member].Name)
	return nil
}
