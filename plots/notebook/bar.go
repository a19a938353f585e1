package notebook

import (
	"fmt"
	"html"
	"time"
)

// Bar is a progress bar in a cell: it shows how much work is done, how fast it goes and how long the rest will take.
// Close it at the end. The notebook saves its last state.
type Bar struct {
	area  *area
	total int
	unit  string
	began time.Time
	first int // units done before the bar was made
}

// NewBar shows a bar for total units of work, such as "updates", with the first done finished already.
func NewBar(total, done int, unit string) *Bar {
	b := &Bar{newArea(), total, unit, time.Now(), done}
	b.Set(done, "")
	return b
}

// Took sets the time that the work took; this program may have seen only a part of it.
func (b *Bar) Took(d time.Duration) { b.began = time.Now().Add(-d) }

// Set shows how much is done, with a text beside it. The time left is estimated from the pace so far.
func (b *Bar) Set(done int, text string) {
	left := time.Duration(0)
	if fresh := done - b.first; fresh > 0 && done < b.total {
		left = time.Duration(float64(time.Since(b.began)) / float64(fresh) * float64(b.total-done))
	}
	b.SetLeft(done, left, text)
}

// SetLeft does what Set does, with the time left given by the caller; 0 shows no time.
func (b *Bar) SetLeft(done int, left time.Duration, text string) {
	if text != "" {
		text = " · " + text
	}
	line := fmt.Sprintf(`<progress max="%d" value="%d" style="width: 16rem"></progress> %d of %d %s · %s%s`,
		b.total, done, done, b.total, html.EscapeString(b.unit), b.timing(left), html.EscapeString(text))
	b.area.set(func() string { return `<div style="font-variant-numeric: tabular-nums">` + line + "</div>" })
}

// timing returns the time that has passed and the time left, as text.
func (b *Bar) timing(left time.Duration) string {
	said := fmt.Sprintf("%.1f s", time.Since(b.began).Seconds())
	if left > 0 {
		said += fmt.Sprintf(", about %.0f s left", left.Seconds())
	}
	return said
}

// Flush shows the bar's newest state at once; others may have to wait for the next, so as not to keep the browser busy.
func (b *Bar) Flush() { b.area.flush() }

// Close shows the bar's last state.
func (b *Bar) Close() { b.area.close() }

// Clear removes the bar, because the work was refused before it began.
func (b *Bar) Clear() { b.area.clear() }
