package notebook

import (
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// redrawEvery is the time between two redraws of an area: more would keep the browser busy with pictures that
// nobody sees.
const redrawEvery = 250 * time.Millisecond

// update puts HTML into the place of the cell's output that id names; the first call makes it.
var update = func(id, html string) error {
	if !gonbui.IsNotebook {
		return nil
	}
	gonbui.UpdateHTML(id, html)
	return gonbui.Error()
}

// area is a place in a cell's output that is drawn anew. What it shows last is what the notebook saves.
type area struct {
	id    string
	shown time.Time
	wait  func() string // makes the newest HTML, not shown yet; nil: none
}

func newArea() *area { return &area{id: gonbui.UniqueId()} }

// set gives the area new content, which is made and shown at once unless something else has just been.
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

// close shows the newest content and waits until the notebook has it.
func (a *area) close() {
	a.flush()
	gonbui.Sync()
}
