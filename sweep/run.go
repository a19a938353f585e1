package sweep

import (
	"context"
	"errors"
	"time"

	"engram/plots/notebook"
)

// lookEvery is the time between two looks at a study that is carried out.
const lookEvery = time.Second

// patience is the time that running trials have for their checkpoints after the stop button: a program may just be
// compiling, and the notebook kills a cell five seconds after the button.
const patience = 2 * time.Second

// liveRows bounds the table of trials that moves.
const liveRows = 12

// Run carries a study out in a notebook's cell, on the backend that the options open, and shows its trials in a table
// and charts that move; the notebook saves the last state. Where the directory holds the same study it goes on with it.
// The stop button ends it in good order, which is no error, and running the cell again goes on. It panics where the
// study cannot be carried out, so that the cell fails, and returns how it stands.
func Run(dir string, s Study, o Options) Status {
	ctx, stop := notebook.Interruptible()
	defer stop()
	status, err := run(ctx, dir, s, o)
	if err != nil {
		panic(err)
	}
	return status
}

func run(ctx context.Context, dir string, s Study, o Options) (Status, error) {
	if err := Create(dir, s); err != nil {
		return Status{}, err
	}
	r, err := Open(dir)
	if err != nil {
		return Status{}, err
	}
	w, err := newWorker(dir, o)
	if err != nil {
		return Status{}, err
	}
	done := make(chan error, 1)
	go func() { done <- w.work(ctx) }()
	cell := newCell(r)
	defer cell.close()
	stopped, late := ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case <-stopped:
			stopped, late = nil, time.After(patience)
		case <-late:
			return cell.show(w.interrupt())
		case err = <-done:
			if errors.Is(err, context.Canceled) {
				err = nil // the stop button
			}
			return cell.show(err)
		case <-time.After(lookEvery):
			if _, err := cell.show(nil); err != nil {
				return Status{}, err
			}
		}
	}
}

// cell shows a study in the output of a notebook's cell.
type cell struct {
	reader *Reader
	bar    *notebook.Bar
	table  *notebook.LiveTable
	charts *notebook.Live
}

func newCell(r *Reader) *cell {
	return &cell{r, notebook.NewBar(r.Total, 0, "trials"), notebook.NewLiveTable(), notebook.NewLive()}
}

// show reads what is new and draws it. An error that is given is returned with how the study stands.
func (c *cell) show(failed error) (Status, error) {
	if err := errors.Join(failed, c.reader.Refresh()); err != nil {
		return Status{}, err
	}
	trials, err := c.reader.Trials()
	if err != nil {
		return Status{}, err
	}
	s, err := c.reader.Status()
	if err != nil {
		return s, err
	}
	if s.Left == nil {
		c.bar.Set(s.settled(), s.summary())
	} else {
		c.bar.SetLeft(s.settled(), seconds(*s.Left), s.summary())
	}
	if len(trials) > 0 {
		c.table.Show(c.reader.Table(trials, liveRows))
	}
	if charts := c.reader.Charts(trials); len(charts) > 0 {
		c.charts.Show(charts...)
	}
	return s, nil
}

func (c *cell) close() {
	c.bar.Close()
	c.table.Close()
	c.charts.Close()
}
