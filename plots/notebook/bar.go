package notebook

import (
	"fmt"
	"html"
	"time"
)

// Bar is a progress bar in a cell: how far work is, how fast it goes and how long it will take. Close it at the
// end. The notebook saves its last state.
type Bar struct {
	area  *area
	total int
	unit  string
	began time.Time
	first int // done before
}

// NewBar is a bar for so many units of work, such as "updates", of which some may be done already.
func NewBar(total, done int, unit string) *Bar {
	b := &Bar{newArea(), total, unit, time.Now(), done}
	b.Set(done, "")
	return b
}

// Took says that the work took this long, of which this program may have seen a part only.
func (b *Bar) Took(d time.Duration) { b.began = time.Now().Add(-d) }

// Set says how much is done, and something about it. What is left is estimated by the pace so far.
func (b *Bar) Set(done int, text string) {
	left := time.Duration(0)
	if fresh := done - b.first; fresh > 0 && done < b.total {
		left = time.Duration(float64(time.Since(b.began)) / float64(fresh) * float64(b.total-done))
	}
	b.SetLeft(done, left, text)
}

// SetLeft is Set where the caller knows better how long it will take; 0: that is not said.
func (b *Bar) SetLeft(done int, left time.Duration, text string) {
	if text != "" {
		text = " · " + text
	}
	line := fmt.Sprintf(`<progress max="%d" value="%d" style="width: 16rem"></progress> %d of %d %s · %s%s`,
		b.total, done, done, b.total, html.EscapeString(b.unit), b.timing(left), html.EscapeString(text))
	b.area.set(func() string { return `<div style="font-variant-numeric: tabular-nums">` + line + "</div>" })
}

// timing is the time that has passed, and what is left.
func (b *Bar) timing(left time.Duration) string {
	said := fmt.Sprintf("%.1f s", time.Since(b.began).Seconds())
	if left > 0 {
		said += fmt.Sprintf(", about %.0f s left", left.Seconds())
	}
	return said
}

// Close shows the bar's last state.
func (b *Bar) Close() { b.area.close() }
