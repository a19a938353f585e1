package watch

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"engram/internal/plain"
	"engram/plots"
)

// The size of an overlay: its rows, and how many runs it draws. More letters could not be told apart.
const (
	overlayRows = 8
	overlayMost = 8
)

// meeting is the mark of a place where runs meet.
const meeting = '*'

// inks are the colours of an overlay's runs, which their letters tell apart where there are no colours.
var inks = []lipgloss.Style{
	blue, lipgloss.NewStyle().Foreground(lipgloss.Yellow), lipgloss.NewStyle().Foreground(lipgloss.Magenta),
	lipgloss.NewStyle().Foreground(lipgloss.Cyan), lipgloss.NewStyle().Foreground(lipgloss.Green),
	lipgloss.NewStyle().Foreground(lipgloss.Red), strong, faint,
}

// Overlay returns the greedy evaluations of several runs over each other, as a chart of characters for a terminal of
// the given width in columns: each run is a line of its letter. Fewer than two runs have none.
func Overlay(views []View, width int) string {
	if len(views) < 2 {
		return ""
	}
	var charts []string
	for _, l := range together(views) {
		charts = append(charts, overlay(l, min(max(width, narrowest), widest)))
	}
	if notice := sizeNotice(views); notice != "" && charts != nil {
		lines := strings.Split(lipgloss.Wrap(plain.Text(notice), min(max(width, narrowest), widest), ""), "\n")
		for i, line := range lines {
			lines[i] = faint.Render(strings.TrimRight(line, " ")) // several at once would be filled up by spaces
		}
		charts = append(charts, strings.Join(lines, "\n"))
	}
	return strings.Join(charts, "\n\n")
}

// overlay draws a chart of lines in characters.
func overlay(l plots.Lines, width int) string {
	var drawn []plots.Series
	for _, s := range l.Series {
		if s = finite(s); len(s.X) > 0 {
			drawn = append(drawn, s)
		}
	}
	more := max(0, len(drawn)-overlayMost)
	drawn = drawn[:len(drawn)-more]
	const label = 8 // columns of the numbers beside the chart, and of the line
	p := newPad(drawn, width-label)
	for i, s := range drawn {
		p.draw(s, rune('a'+i))
	}
	lines := []string{strong.Render(cut(l.YLabel+", greedy evaluations", width))}
	edges := map[int]string{0: fmt.Sprintf("%.3g", p.high), overlayRows - 1: fmt.Sprintf("%.3g", p.low)}
	for i, row := range p.cells {
		lines = append(lines, fmt.Sprintf("%*s│", label-1, edges[i])+inked(row))
	}
	left, right := fmt.Sprintf("%*s└%.0f", label-1, "", p.first), fmt.Sprintf("%.0f %s", p.last, l.XLabel)
	axis := left + strings.Repeat(" ", max(1, width-lipgloss.Width(left)-len(right))) + right
	return strings.Join(append(append(lines, axis), legend(drawn, more, p.meet, width)...), "\n")
}

// finite returns a series without the points that are not finite.
func finite(s plots.Series) plots.Series {
	out := plots.Series{Name: s.Name}
	for i, y := range s.Y {
		if !bad(y) && !bad(s.X[i]) {
			out.X, out.Y = append(out.X, s.X[i]), append(out.Y, y)
		}
	}
	return out
}

// pad is a grid of characters, and the numbers at its edges.
type pad struct {
	cells                  [overlayRows][]rune
	first, last, low, high float64
	meet                   bool // two runs, somewhere
}

// newPad returns an empty pad for the points of all series, from 0 to 1 at least.
func newPad(all []plots.Series, columns int) *pad {
	p := &pad{first: math.Inf(1), last: math.Inf(-1), high: 1}
	for _, s := range all {
		p.first, p.last = min(p.first, s.X[0]), max(p.last, s.X[len(s.X)-1])
		p.low, p.high = min(p.low, slices.Min(s.Y)), max(p.high, slices.Max(s.Y))
	}
	for i := range p.cells {
		p.cells[i] = slices.Repeat([]rune{' '}, columns)
	}
	return p
}

// draw draws a line through the points of a series, whose x increase.
func (p *pad) draw(s plots.Series, mark rune) {
	columns := len(p.cells[0])
	column := func(x float64) int { return min(columns-1, place(x, p.first, p.last, columns)) }
	from := 0
	for c := column(s.X[0]); c <= column(s.X[len(s.X)-1]); c++ {
		for from < len(s.X)-1 && column(s.X[from+1]) <= c {
			from++
		}
		y := s.Y[from]
		if from < len(s.X)-1 { // between two points
			a, b := column(s.X[from]), column(s.X[from+1])
			share := float64(c-a) / float64(b-a)
			y = y*(1-share) + s.Y[from+1]*share
		}
		cell := &p.cells[overlayRows-1-place(y, p.low, p.high, overlayRows)][c]
		taken := *cell != ' '
		if *cell = mark; taken {
			*cell, p.meet = meeting, true
		}
	}
}

// inked returns a row with each run's letters in its colour.
func inked(row []rune) string {
	var out strings.Builder
	for _, mark := range row {
		if i := int(mark - 'a'); i >= 0 && i < len(inks) {
			out.WriteString(inks[i].Render(string(mark)))
		} else {
			out.WriteRune(mark)
		}
	}
	return strings.TrimRight(out.String(), " ")
}

// legend returns lines with each run's letter, name and newest value, as many in a line as fit, how many runs are not
// drawn, and the mark of those that meet.
func legend(all []plots.Series, more int, meet bool, width int) (lines []string) {
	var entries []string
	for i, s := range all {
		value := fmt.Sprintf(" %.3g", s.Y[len(s.Y)-1])
		name := cut(plain.Text(s.Name), width-len(value)-2)
		entries = append(entries, inks[i].Render(string(rune('a'+i)))+" "+name+value)
	}
	if more > 0 {
		entries = append(entries, fmt.Sprintf("and %d more", more))
	}
	if meet {
		entries = append(entries, string(meeting)+" several")
	}
	for _, e := range entries {
		if n := len(lines); n > 0 && lipgloss.Width(lines[n-1])+3+lipgloss.Width(e) <= width {
			lines[n-1] += "   " + e
		} else {
			lines = append(lines, e)
		}
	}
	return lines
}
