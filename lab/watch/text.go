package watch

import (
	"fmt"
	"math"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"engram/internal/plain"
	"engram/lab"
)

// The styles of text in a terminal. lipgloss.Fprint leaves them out of other outputs.
var (
	faint   = lipgloss.NewStyle().Faint(true)
	strong  = lipgloss.NewStyle().Bold(true)
	blue    = lipgloss.NewStyle().Foreground(lipgloss.Blue)
	warning = lipgloss.NewStyle().Foreground(lipgloss.Red)
	states  = map[lab.State]lipgloss.Style{
		lab.Running: lipgloss.NewStyle().Foreground(lipgloss.Green), lab.Finished: blue,
		lab.Failed: warning, lab.Died: warning, lab.Interrupted: lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	}
)

// The least and the largest width of a view, in columns.
const (
	narrowest = 40
	widest    = 120
)

// Text returns a view as lines for a terminal of the given width in columns.
func (v View) Text(width int) string {
	width = min(max(width, narrowest), widest)
	lines := []string{v.title(width)}
	if v.Updates > 0 {
		lines = append(lines, v.Bar(width), v.curves(width))
	}
	for _, t := range v.Trouble {
		lines = append(lines, warning.Render(cut("! "+plain.Text(t), width)))
	}
	return strings.Join(lines, "\n")
}

// title returns the line with the run's name, its config in brief and its state.
func (v View) title(width int) string {
	state := plain.Text(v.StateText())
	about := ""
	if v.Task != "" {
		about = fmt.Sprintf("  %s · %s %d · seed %d · %s", plain.Text(v.Task), plain.Text(v.Cell), v.Hidden, v.Seed,
			plain.Text(v.Backend))
	}
	room := width - lipgloss.Width(state) - 1
	name := cut(plain.Text(v.Dir), room)
	about = cut(about, room-lipgloss.Width(name))
	gap := strings.Repeat(" ", max(1, width-lipgloss.Width(name)-lipgloss.Width(about)-lipgloss.Width(state)))
	return strong.Render(name) + faint.Render(about) + gap + states[v.State].Render(state)
}

// Bar returns the progress of training as one line of the given width: a bar, the updates done, their rate and the time
// left.
func (v View) Bar(width int) string {
	said := fmt.Sprintf("  %d of %d", v.Update, v.Updates)
	if v.Rate > 0 {
		said += fmt.Sprintf("  %.0f/s  %s left", v.Rate, Brief(time.Duration(v.Left*float64(time.Second))))
	} else if v.Ended() && !v.Changed.IsZero() {
		said += "  " + Brief(time.Since(v.Changed)) + " ago"
	}
	cells := max(8, width-lipgloss.Width(said))
	full := int(float64(cells) * min(1, float64(v.Update)/float64(v.Updates)))
	return states[v.State].Render(strings.Repeat("█", full)) + faint.Render(strings.Repeat("░", cells-full)) + said
}

// curves returns sparklines with the newest number of each, two in a line where there is room.
func (v View) curves(width int) string {
	columns := 1
	if width >= 80 {
		columns = 2
	}
	column := (width - 2*(columns-1)) / columns
	parts := []string{
		sparkline("greedy", v.greedy, v.EvaluationText(), column), sparkline("loss", v.loss, v.loss.newest(),
			column),
		sparkline("exploring", v.reward, v.reward.newest(), column),
		sparkline("gradient", v.norm, v.norm.newest(), column),
	}
	if v.decays != nil {
		parts = append(parts, sparkline("lambda_t", &v.decays[1], fmt.Sprintf("%.3f (%.3f to %.3f)",
			v.last.LambdaMedian, v.last.LambdaFirst, v.last.LambdaThird), column))
	}
	var rows []string
	for i := 0; i < len(parts); i += columns {
		rows = append(rows, strings.TrimRight(strings.Join(parts[i:min(i+columns, len(parts))], "  "), " "))
	}
	return strings.Join(rows, "\n")
}

// EvaluationText returns the result, or else the latest and the best evaluation, as text.
func (v View) EvaluationText() string {
	switch e := v.Latest; {
	case v.Result != nil:
		return v.Result.Brief()
	case e == nil:
		return "not yet"
	default:
		return fmt.Sprintf("%s, best %.3f", e.Brief(), v.Best.RewardPerTrial)
	}
}

// sparkline returns a name, a curve and its newest number in the given width.
func sparkline(name string, c *curve, newest string, width int) string {
	const label, value = 10, 26
	cells := max(4, width-label-1-value)
	return fmt.Sprintf("%-*s%s %-*s", label, name, blue.Render(blocks(c.all(), cells)), width-label-1-cells, newest)
}

// blocks draws points as blocks of eight heights, from the lowest number to the highest. A block that stands for
// several points has their mean, and one for no point is as high as the block before.
func blocks(points []point, cells int) string {
	heights := resample(points, cells)
	low, high := math.Inf(1), math.Inf(-1)
	for _, h := range heights {
		if !bad(h) {
			low, high = min(low, h), max(high, h)
		}
	}
	out := make([]rune, cells)
	for i, h := range heights {
		switch {
		case bad(h):
			out[i] = ' '
		default:
			out[i] = []rune("▁▂▃▄▅▆▇█")[place(h, low, high, 8)]
		}
	}
	return string(out)
}

// place returns in which of n equal parts of the range from low to high x lies, counted from 0. It computes with
// halves, which cannot overflow.
func place(x, low, high float64, n int) int {
	share := (x/2 - low/2) / (high/2 - low/2)
	if !(share > 0) { // 0, less, or NaN where low equals high
		return 0
	}
	return min(n-1, int(min(share, 1)*float64(n)))
}

// resample returns the mean of the points in each of the cells. It is NaN before the first point.
func resample(points []point, cells int) []float64 {
	sums, counts := make([]float64, cells), make([]int, cells)
	for _, p := range points {
		cell := cells - 1
		if first, last := points[0].x, points[len(points)-1].x; last > first {
			cell = place(p.x, first, last, cells)
		}
		if !bad(p.y) {
			sums[cell], counts[cell] = sums[cell]+p.y, counts[cell]+1
		}
	}
	before := math.NaN()
	for i, n := range counts {
		if n > 0 {
			before = sums[i] / float64(n)
		}
		sums[i] = before
	}
	return sums
}

// cut shortens a text to the given width in columns.
func cut(s string, width int) string {
	if lipgloss.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && lipgloss.Width(string(runes))+1 > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
