// Package notebook shows charts and tables in the cells of a GoNB notebook. Begin, in the first cell, embeds ECharts
// into the notebook; Show and ShowTable display charts and tables; Live, LiveTable and Bar show work in progress, and
// leave its last state. A viewer that runs no scripts, or a notebook before Begin, shows static pictures instead.
// Outside a notebook the functions only check that the charts can be drawn.
//
// Printed text and charts reach the notebook in two ways, so their order within a cell may vary.
package notebook

import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui"

	"engram/plots"
)

// display sends HTML to the cell and waits until it was read: a cell's program may end before that.
var display = func(html string) error {
	if !gonbui.IsNotebook {
		return nil
	}
	gonbui.DisplayHTML(html)
	gonbui.Sync()
	return gonbui.Error()
}

// Begin makes the notebook's charts interactive. Call it once, in the first cell: it adds 1 MB to the notebook.
func Begin() {
	if err := display(beginning()); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}

// beginning returns what Begin displays.
func beginning() string {
	return "<script>" + plots.Library() + "</script><small>Charts are interactive.</small>"
}

// Show displays charts below each other. It panics if a chart cannot be drawn, so that the cell fails.
func Show(charts ...plots.Chart) {
	if err := display(snippets(charts)); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}
