package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// every is the time between two looks.
const every = time.Second

// Terminal shows the runs on a terminal until they have all ended, the reader presses q, or the context is cancelled.
// The last view stays.
func (w *Watcher) Terminal(ctx context.Context, out io.Writer) error {
	_, err := tea.NewProgram(&screen{watcher: w, views: w.Look(), width: 80}, tea.WithContext(ctx),
		tea.WithOutput(out)).Run()
	if errors.Is(err, tea.ErrProgramKilled) || errors.Is(err, tea.ErrInterrupted) {
		return ctx.Err() // nil if the reader pressed a key to leave
	}
	return err
}

// screen is the state of the terminal screen, as bubbletea's model.
type screen struct {
	watcher       *Watcher
	views         []View
	width, height int
	first         int  // the view shown at the top
	apart         bool // the reader wants no overlay
}

// tick is the message that it is time to look again.
type tick struct{}

// after returns the command that sends a tick at the next look.
func after() tea.Cmd { return tea.Tick(every, func(time.Time) tea.Msg { return tick{} }) }

// Init implements tea.Model.
func (s *screen) Init() tea.Cmd { return after() }

// Update implements tea.Model.
func (s *screen) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch m := message.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = m.Width, m.Height
		if Ended(s.views) {
			return s, tea.Quit
		}
	case tick:
		if s.views = s.watcher.Look(); Ended(s.views) {
			return s, tea.Quit
		}
		return s, after()
	case tea.KeyPressMsg:
		return s, s.press(m.String())
	}
	return s, nil
}

func (s *screen) press(key string) tea.Cmd {
	switch key {
	case "q", "esc", "ctrl+c":
		return tea.Quit
	case "down", "j":
		s.first = min(s.first+1, len(s.views)-1)
	case "up", "k":
		s.first = max(s.first-1, 0)
	case "o":
		s.apart = !s.apart
	}
	return nil
}

// View implements tea.Model. It shows the runs over each other where there is room, and below as many as fit into the
// height.
func (s *screen) View() tea.View {
	head := s.overlay()
	from, shown := 0, s.fitting(0, lines(head))
	if len(shown) < len(s.views) {
		from = min(s.first, len(s.views)-1)
		shown = s.fitting(from, lines(head))
	}
	var help []string
	if len(shown) < len(s.views) {
		help = append(help, fmt.Sprintf("runs %d to %d of %d; ↑ ↓ move", from+1, from+len(shown), len(s.views)))
	}
	if len(s.views) > 1 {
		help = append(help, "o shows or hides the overlay")
	}
	help = append(help, "q leaves")
	if Ended(s.views) {
		help = nil
	}
	if head != "" {
		shown = append([]string{head}, shown...)
	}
	return tea.NewView(strings.Join(append(shown, faint.Render(strings.Join(help, "; "))), "\n\n"))
}

// leastRun is the number of lines of a run and the help, which an overlay leaves free.
const leastRun = 8

// overlay returns the overlay of the runs if the reader wants it and there is room.
func (s *screen) overlay() string {
	if s.apart {
		return ""
	}
	text := Overlay(s.views, s.width)
	if s.height > 0 && lines(text)+leastRun > s.height {
		return ""
	}
	return text
}

// lines returns the number of lines that a part takes with the empty one below it.
func lines(part string) int {
	if part == "" {
		return 0
	}
	return strings.Count(part, "\n") + 2
}

// fitting returns the texts of the runs from the given one that fit into the height, of which so many lines are taken
// above, and one below for help; at least one.
func (s *screen) fitting(from, taken int) (texts []string) {
	taken++
	for i, v := range s.views[from:] {
		text := v.Text(s.width)
		if taken += lines(text); i > 0 && s.height > 0 && taken > s.height {
			break
		}
		texts = append(texts, text)
	}
	return texts
}

// Print writes the views as text below their overlay, without colours if out is not a terminal.
func Print(out io.Writer, views []View, width int) error {
	var all []string
	if text := Overlay(views, width); text != "" {
		all = append(all, text)
	}
	for _, v := range views {
		all = append(all, v.Text(width))
	}
	_, err := lipgloss.Fprintln(out, strings.Join(all, "\n\n"))
	return err
}

// Follow looks at the runs at the given interval and calls show with the views of those that have written something or
// ended since, until all have ended or the context is cancelled. It serves outputs that are not terminals.
func (w *Watcher) Follow(ctx context.Context, every time.Duration, show func([]View) error) error {
	return follow(ctx, every, w.Look, show)
}

func follow(ctx context.Context, every time.Duration, look func() []View, show func([]View) error) error {
	shown := map[string]View{}
	for {
		views := look()
		var changed []View
		for _, v := range views {
			if before, known := shown[v.Dir]; !known || v.differs(before) {
				changed = append(changed, v)
			}
			shown[v.Dir] = v
		}
		if err := show(changed); err != nil || Ended(views) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}

// differs reports whether a run has changed since an earlier view. The time of its files alone does not show that,
// because it may stand still for some milliseconds.
func (v View) differs(before View) bool {
	return v.Changed.After(before.Changed) || v.State != before.State || v.lines != before.lines
}
