// Package watch shows a study (package sweep) while it is carried out: on a terminal, or line by line. It
// is apart from package report so that a notebook's cell, which links that, links no terminal library.
package watch

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	tea "charm.land/bubbletea/v2"

	"engram/internal/plain"
	"engram/sweep"
	"engram/sweep/report"
)

// every is the time between two looks.
const every = time.Second

// Lines prints a line for each trial of a study that ends, until the work on it is done, whose error it returns.
func Lines(w io.Writer, r *sweep.Reader, done <-chan error) error {
	shown := map[int]bool{}
	trials, err := r.Trials()
	if err != nil {
		return err
	}
	for _, t := range trials {
		shown[t.Trial] = t.Ended != nil // before
	}
	for {
		var ended error
		finished := false
		select {
		case ended = <-done:
			finished = true
		case <-time.After(every):
		}
		if err := printEnded(w, r, shown); err != nil || finished {
			return errors.Join(ended, err)
		}
	}
}

// printEnded prints the trials that have ended and are not among those shown, and then the study's status.
func printEnded(w io.Writer, r *sweep.Reader, shown map[int]bool) error {
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
		if t.Ended == nil || shown[t.Trial] {
			continue
		}
		shown[t.Trial] = true
		row := report.Table(r, []sweep.Trial{t}, 1)
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

// Terminal shows a study on a terminal until the work on it is done, whose error it returns; q and ctrl+c call stop,
// which is to end the work in good order.
func Terminal(w io.Writer, r *sweep.Reader, done <-chan error, stop func()) error {
	screen := &screen{reader: r, done: done, stop: stop, height: 24}
	screen.look()
	_, err := tea.NewProgram(screen, tea.WithOutput(w)).Run()
	if errors.Is(err, tea.ErrInterrupted) {
		stop()
		return <-done
	}
	return errors.Join(err, screen.ended)
}

// screen is the state of a terminal, for bubbletea.
type screen struct {
	reader *sweep.Reader
	done   <-chan error
	stop   func()
	text   string
	height int
	ended  error
}

// workDone is the message that the work has ended.
type workDone struct{ err error }

// lookAgain is the message that it is time to read what is new.
type lookAgain struct{}

func (s *screen) next() tea.Cmd {
	return tea.Tick(every, func(time.Time) tea.Msg { return lookAgain{} })
}

// Init implements tea.Model.
func (s *screen) Init() tea.Cmd {
	return tea.Batch(s.next(), func() tea.Msg { return workDone{<-s.done} })
}

// Update implements tea.Model.
func (s *screen) Update(message tea.Msg) (tea.Model, tea.Cmd) {
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

// look reads what is new. An error is shown instead of the table, because the work continues.
func (s *screen) look() {
	text, err := text(s.reader, max(3, s.height-6))
	if err != nil {
		text = plain.Error(err)
	}
	s.text = text
}

// text returns a study's status and a table of up to rows trials.
func text(r *sweep.Reader, rows int) (string, error) {
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
	t := report.Table(r, trials, rows)
	fmt.Fprintln(table, strings.Join(plain.Texts(t.Header), "\t"))
	for _, row := range t.Rows {
		fmt.Fprintln(table, strings.Join(plain.Texts(row), "\t"))
	}
	err = table.Flush() // before the text is taken
	return out.String(), err
}

// View implements tea.Model.
func (s *screen) View() tea.View { return tea.NewView(s.text + "\nq stops") }
