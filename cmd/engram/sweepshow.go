package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"engram/internal/plain"
	"engram/internal/signals"
	"engram/sweep"
)

// untilSignal is a context that ends, in good order, with the signals that clusters send before they take a job's
// machine away.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	taken := signals.Taken(syscall.SIGUSR1, syscall.SIGTERM, os.Interrupt)
	if len(taken) == 0 { // NotifyContext takes none for all
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, taken...)
}

// show shows a study while work goes on: as a table that moves on a terminal, else by a line for each trial that ends.
func (o sweepOptions) show(ctx context.Context, r *sweep.Reader, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	switch {
	case o.quiet || o.json:
		return <-done
	case term.IsTerminal(int(os.Stderr.Fd())):
		return showTable(r, done, cancel)
	}
	return showLines(&plain.Writer{Out: os.Stderr}, r, done)
}

// showLines prints a line for each trial that has ended.
func showLines(w io.Writer, r *sweep.Reader, done chan error) error {
	told := map[int]bool{}
	trials, err := r.Trials()
	if err != nil {
		return err
	}
	for _, t := range trials {
		told[t.Trial] = t.Ended != nil // before
	}
	for {
		var ended error
		finished := false
		select {
		case ended = <-done:
			finished = true
		case <-time.After(time.Second):
		}
		if err := tellEnded(w, r, told); err != nil || finished {
			return errors.Join(ended, err)
		}
	}
}

func tellEnded(w io.Writer, r *sweep.Reader, told map[int]bool) error {
	if err := r.Refresh(); err != nil {
		return err
	}
	trials, err := r.Trials()
	if err != nil {
		return err
	}
	s, err := r.Status()
	if err != nil {
		return err
	}
	news := false
	for _, t := range trials {
		if t.Ended == nil || told[t.Trial] {
			continue
		}
		told[t.Trial] = true
		row := r.Table([]sweep.Trial{t}, 1)
		var parts []string
		for i, cell := range row.Rows[0][1:] {
			if cell != "–" {
				parts = append(parts, row.Header[i+1]+" "+cell)
			}
		}
		if t.Reason != "" {
			parts = append(parts, "("+t.Reason+")")
		}
		fmt.Fprintf(w, "trial %d  %s\n", t.Trial, strings.Join(parts, "  "))
		news = true
	}
	if news {
		fmt.Fprintln(w, s.Line())
	}
	return nil
}

// showTable draws the study on the terminal until the work is done; q and ctrl+c stop the work in good order.
func showTable(r *sweep.Reader, done chan error, stop func()) error {
	screen := &sweepScreen{reader: r, done: done, stop: stop, height: 24}
	screen.look()
	_, err := tea.NewProgram(screen, tea.WithOutput(os.Stderr)).Run()
	if errors.Is(err, tea.ErrInterrupted) {
		stop()
		return <-done
	}
	return errors.Join(err, screen.ended)
}

// sweepScreen is the state of the terminal, for bubbletea.
type sweepScreen struct {
	reader *sweep.Reader
	done   chan error
	stop   func()
	text   string
	height int
	ended  error
}

// workDone says that the work has ended.
type workDone struct{ err error }

type lookAgain struct{}

func (s *sweepScreen) next() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return lookAgain{} })
}

// Init implements tea.Model.
func (s *sweepScreen) Init() tea.Cmd {
	return tea.Batch(s.next(), func() tea.Msg { return workDone{<-s.done} })
}

// Update implements tea.Model.
func (s *sweepScreen) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch m := message.(type) {
	case tea.WindowSizeMsg:
		s.height = m.Height
	case lookAgain:
		s.look()
		return s, s.next()
	case workDone:
		s.ended = m.err
		s.look()
		return s, tea.Quit
	case tea.KeyPressMsg:
		if key := m.String(); key == "q" || key == "ctrl+c" {
			s.text += "\nstopping: running trials write their checkpoints"
			s.stop()
		}
	}
	return s, nil
}

// look reads what is new. An error shows in the place of the table: the work goes on.
func (s *sweepScreen) look() {
	text, err := sweepText(s.reader, max(3, s.height-6))
	if err != nil {
		text = plain.Error(err)
	}
	s.text = text
}

func sweepText(r *sweep.Reader, rows int) (string, error) {
	if err := r.Refresh(); err != nil {
		return "", err
	}
	trials, err := r.Trials()
	if err != nil {
		return "", err
	}
	status, err := r.Status()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n", plain.Text(status.Line()))
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	t := r.Table(trials, rows)
	fmt.Fprintln(table, strings.Join(plain.Texts(t.Header), "\t"))
	for _, row := range t.Rows {
		fmt.Fprintln(table, strings.Join(plain.Texts(row), "\t"))
	}
	err = table.Flush() // before the text is taken
	return out.String(), err
}

// View implements tea.Model.
func (s *sweepScreen) View() tea.View { return tea.NewView(s.text + "\nq stops") }
