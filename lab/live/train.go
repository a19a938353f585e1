package live

import (
	"context"
	"fmt"
	"path/filepath"

	"engram/drqn"
	"engram/lab"
	"engram/plots/notebook"
)

// Agent is a config with a name, which is also the name of its run's folder.
type Agent struct {
	Name   string
	Config drqn.Config
}

// Run trains agents one after the other in a cell, each in the run directory FOLDER/NAME, shows their curves together
// and prints what each earns, and first that their sizes differ if they do. Finished runs are drawn and not trained
// again; others are resumed. The stop button ends training with a checkpoint and without an error; running the cell
// again resumes it.
func Run(title, folder string, agents ...Agent) error {
	ctx, stop := notebook.Interruptible()
	defer stop()
	_, err := train(ctx, title, folder, agents...)
	if ctx.Err() != nil {
		notebook.SayStopped("")
		return nil
	}
	return err
}

// train does what Run does until a context is cancelled, which is an error, as in lab.Train.
func train(ctx context.Context, title, folder string, agents ...Agent) (runs []*lab.Run, err error) {
	b, backend, err := Backend()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range agents {
		names = append(names, a.Name)
	}
	notice, err := sizeNotice(agents)
	if err != nil {
		return nil, err
	}
	watch, err := NewWatch(title, agents[0].Config, names...)
	if err != nil {
		return nil, err
	}
	defer func() { watch.closeAfter(err) }()
	if notice != "" {
		watch.Notice(notice)
	}
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
		fmt.Printf("%-20s %+.3f %s%s\n", a.Name, e.RewardPerTrial, e.Each(),
			rightText(e, ", %3.0f %% of trials right"))
	}
	return runs, nil
}

// sizeNotice returns drqn.SizeNotice of the agents; empty if there is none.
func sizeNotice(agents []Agent) (string, error) {
	var sized []drqn.Sized
	for _, a := range agents {
		n, err := a.Config.Trainable()
		if err != nil {
			return "", fmt.Errorf("%s: %w", a.Name, err)
		}
		sized = append(sized, drqn.Sized{Name: a.Name, Task: a.Config.Task, Parameters: n})
	}
	return drqn.SizeNotice(sized), nil
}

// redraw replaces a member's curve by its run's, which includes earlier sittings.
func (w *Watch) redraw(member int, run *lab.Run) error {
	evaluations, err := run.Evaluations()
	if err != nil {
		return err
	}
	w.heard = true
	s := &w.greedy[member]
	s.X, s.Y = nil, nil
	for _, e := range evaluations {
		w.add(s, e.Update, e.RewardPerTrial)
	}
	w.bar.Set(run.Config.Updates, w.greedy[member].Name)
	return nil
}
