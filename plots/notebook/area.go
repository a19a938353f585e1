package notebook

import (
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// redrawEvery is the time between two redraws of an area. More of them would keep the browser busy with pictures that
// nobody sees.
const redrawEvery = 250 * time.Millisecond

// update puts HTML into the place of the cell's output that id names, and makes the place at the first call.
var update = func(id, html string) error {
	if !gonbui.IsNotebook {
		return nil
	}
	gonbui.UpdateHTML(id, html)
	return gonbui.Error()
}

// area is a place in a cell's output whose content is replaced while the cell runs. The notebook saves the last one.
type area struct {
	id    string
	shown time.Time
	wait  func() string // makes the newest HTML, which is not shown yet; nil: everything is shown
}

func newArea() *area { return &area{id: gonbui.UniqueId()} }

// set gives the area new content. It is made and shown at once, unless something else has just been shown.
func (a *area) set(html func() string) {
	a.wait = html
	if time.Since(a.shown) >= redrawEvery {
		a.flush()
	}
}

// flush shows the newest content.
func (a *area) flush() {
	if a.wait == nil {
		return
	}
	if err := update(a.id, a.wait()); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
	a.wait, a.shown = nil, time.Now()
}

// clear empties an area that has shown something, as if it never had.
func (a *area) clear() {
	a.wait = nil
	if !a.shown.IsZero() {
		a.wait = func() string { return "" }
	}
	a.close()
}

// close shows the newest content and waits until the notebook has it.
func (a *area) close() {
	a.flush()
	gonbui.Sync()
}
