// Package train has the calls of a notebook's cell that train: one run, a suite, a sweep, or two settings side by side
// to measure. They fail and stop as those of package nb do. A cell that names this package links XLA.
package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"engram/drqn"
	"engram/internal/bench"
	"engram/lab"
	"engram/lab/live"
	"engram/nb"
	"engram/plots"
	"engram/plots/notebook"
	"engram/suite"
	suitereport "engram/suite/report"
	"engram/sweep"
	sweepreport "engram/sweep/report"
	"engram/sweep/search"
)

// Run trains an agent into a run directory and shows its curves meanwhile (see live.RunJob). The stop button ends
// training with a checkpoint; running the cell again resumes the run, and draws one that has finished.
func Run(dir string, c drqn.Config) {
	nb.Cell(func() error { return live.RunJob(title(dir, c), lab.Job{Dir: dir, Config: c}) })
}

// From does what Run does, with the weights of another run as the start (see lab.Run.StartFrom).
func From(other, dir string, c drqn.Config) {
	nb.Cell(func() error {
		source, err := lab.Open(other)
		if err != nil {
			return err
		}
		start, err := source.StartFrom(c)
		if err != nil {
			return err
		}
		return live.RunJob(title(dir, c), lab.Job{Dir: dir, Config: c, Start: start})
	})
}

func title(dir string, c drqn.Config) string { return c.Task + ", " + filepath.Base(dir) }

// Suite trains the missing runs of a suite, agent by agent with its seeds together, shows their curves meanwhile, and
// at the end its table (see suite.Train). The stop button ends training with checkpoints; running the cell again
// resumes it.
func Suite(dir string, p suite.Plan) {
	nb.Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		err := trainSuite(ctx, dir, p)
		if errors.Is(err, context.Canceled) {
			notebook.SayStopped("")
			return nil
		}
		return err
	})
}

func trainSuite(ctx context.Context, dir string, p suite.Plan) error {
	p, err := p.Expand()
	if err != nil {
		return err
	}
	notice, err := p.SizeNotice()
	if err != nil {
		return err
	}
	if notice != "" {
		fmt.Println(notice)
	}
	if err := suite.Create(dir, p); err != nil {
		return err
	}
	b, backend, err := live.Backend()
	if err != nil {
		return err
	}
	shown := &watches{}
	err = suite.Train(ctx, dir, b, backend, shown.next)
	shown.close()
	if err != nil {
		return err
	}
	_, results, err := suite.Results(dir)
	if err != nil {
		return err
	}
	rows, err := suite.Table(p, results)
	if err != nil {
		return err
	}
	notebook.ShowTable(suitereport.Table(rows))
	return nil
}

// watches shows one group of runs of a suite after the other.
type watches struct{ now *live.Watch }

// next closes the watch of the group before and returns that of a group.
func (w *watches) next(g suite.Group) (lab.Watcher, error) {
	w.close()
	var names []string
	for _, j := range g.Jobs {
		names = append(names, fmt.Sprintf("seed %d", j.Config.Seed))
	}
	var err error
	w.now, err = live.NewWatch(g.Agent+" on "+g.Task, g.Jobs[0].Config, names...)
	return w.now, err
}

func (w *watches) close() {
	if w.now != nil {
		w.now.Close()
	}
}

// packed is the number of trials of a sweep that train together.
const packed = 16

// Sweep carries a study out and shows its trials meanwhile; it returns how the study stands. A study without a sampler
// has tpe. The stop button ends it in good order; running the cell again continues it.
func Sweep(dir string, s sweep.Study) (status sweep.Status) {
	nb.Cell(func() (err error) {
		ctx, stop := notebook.Interruptible()
		defer stop()
		if s.Sampler.Kind == "" {
			s.Sampler = search.Method{Kind: "tpe"}
		}
		status, err = sweepreport.CarryOut(ctx, dir, s, sweep.Options{Pack: packed, Backend: live.Backend})
		if err != nil {
			return err
		}
		fmt.Println(status.Line())
		if !status.Done {
			notebook.SayStopped("")
		}
		return nil
	})
	return status
}

// The measurement of Bench: rounds of so many updates.
const benchRounds, benchUpdates = 5, 20

// Bench measures what an update of each config takes, in rounds that take turns, and shows a table: the median and the
// range of the rounds, and the median beside that of the first.
func Bench(first, second drqn.Config, more ...drqn.Config) {
	nb.Cell(func() error {
		ctx, stop := notebook.Interruptible()
		defer stop()
		b, backend, err := live.Backend()
		if err != nil {
			return err
		}
		configs := append([]drqn.Config{first, second}, more...)
		rows, err := bench.Settings(ctx, b, backend, benchRounds, benchUpdates, configs...)
		if err != nil {
			return err
		}
		notebook.ShowTable(benchTable(rows, configs))
		return nil
	})
}

// benchTable lists what an update of each config takes, and in what it differs from the first.
func benchTable(rows []bench.Row, configs []drqn.Config) *plots.Table {
	t := &plots.Table{Header: []string{"setting", "backend", "ms an update", "range", "of the first", "what differs"}}
	for i, r := range rows {
		differs := ""
		if i > 0 {
			differs = strings.ReplaceAll(configs[0].Differences(configs[i]), "\t", " ")
		}
		t.Addf("%d\t%s\t%.3g\t%.3g to %.3g\t%.2f\t%s", i+1, r.Backend, r.Median, r.Low, r.High,
			r.Median/rows[0].Median, differs)
	}
	return t
}
