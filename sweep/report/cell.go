package report

import (
	"context"
	"errors"
	"time"

	"engram/plots/notebook"
	"engram/sweep"
)

// lookEvery is the time between two looks at a study that is being carried out.
const lookEvery = time.Second

// patience is the time that running trials have for their checkpoints after the stop button: a program may just be
// compiling, and the notebook kills a cell five seconds after the button.
const patience = 2 * time.Second

// liveRows bounds the number of rows of the table that moves.
const liveRows = 12

// Run carries a study out in a notebook's cell, on the backend that the options open, and shows its trials in a table
// and charts that move; the notebook saves the last state. Where the directory holds the same study, it continues that.
// The stop button ends it in good order, which is no error, and running the cell again continues. It panics where the
// study cannot be carried out, so that the cell fails, and returns the study's status.
func Run(dir string, s sweep.Study, o sweep.Options) sweep.Status {
	ctx, stop := notebook.Interruptible()
	defer stop()
	status, err := CarryOut(ctx, dir, s, o)
	if err != nil {
		panic(err)
	}
	return status
}

// CarryOut does what Run does until the context is cancelled, which is no error, and returns the error of a study that
// cannot be carried out.
func CarryOut(ctx context.Context, dir string, s sweep.Study, o sweep.Options) (sweep.Status, error) {
	if err := sweep.Create(dir, s); err != nil {
		return sweep.Status{}, err
	}
	r, err := sweep.Open(dir)
	if err != nil {
		return sweep.Status{}, err
	}
	o.Patience = patience
	done := make(chan error, 1)
	go func() { done <- sweep.Work(ctx, dir, o) }()
	cell := newCell(r)
	defer cell.close()
	for {
		select {
		case err = <-done:
			if errors.Is(err, context.Canceled) {
				err = nil // the stop button
			}
			return cell.show(err)
		case <-time.After(lookEvery):
			if _, err := cell.show(nil); err != nil {
				return sweep.Status{}, err
			}
		}
	}
}

// cell shows a study in the output of a notebook's cell.
type cell struct {
	reader *sweep.Reader
	bar    *notebook.Bar
	table  *notebook.LiveTable
	charts *notebook.Live
}

func newCell(r *sweep.Reader) *cell {
	return &cell{r, notebook.NewBar(r.Total, 0, "trials"), notebook.NewLiveTable(), notebook.NewLive()}
}

// show reads what is new and draws it. An error that is given is returned with how the study stands.
func (c *cell) show(failed error) (sweep.Status, error) {
	if err := errors.Join(failed, c.reader.Refresh()); err != nil {
		return sweep.Status{}, err
	}
	trials, err := c.reader.Trials()
	if err != nil {
		return sweep.Status{}, err
	}
	s, err := c.reader.Status()
	if err != nil {
		return s, err
	}
	if s.Left == nil {
		c.bar.Set(s.Settled(), s.Summary())
	} else {
		c.bar.SetLeft(s.Settled(), time.Duration(*s.Left*float64(time.Second)), s.Summary())
	}
	if len(trials) > 0 {
		c.table.Show(Table(c.reader, trials, liveRows))
	}
	if charts := Charts(c.reader, trials); len(charts) > 0 {
		c.charts.Show(charts...)
	}
	return s, nil
}

func (c *cell) close() {
	c.bar.Close()
	c.table.Close()
	c.charts.Close()
}
