// Package notebook shows charts in the cells of a GoNB notebook. Begin, in the first cell, embeds ECharts into
// the notebook; Show displays charts; Live and Bar show work that goes on, and leave its last state. In a viewer
// that runs no scripts, offline or before Begin, the static pictures show. Outside a notebook they do nothing but
// check the charts.
//
// Printed text and charts reach the notebook on two ways, so that within a cell their order may vary.
package notebook

import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui"

	"engram/plots"
)

// display hands HTML to the cell. A cell's program may end before its output is read, so it waits for that.
var display = func(html string) error {
	if !gonbui.IsNotebook {
		return nil
	}
	gonbui.DisplayHTML(html)
	gonbui.Sync()
	return gonbui.Error()
}

// Begin makes the notebook's charts interactive. Call it once, in the first cell: it weighs 1 MB.
func Begin() {
	if err := display("<script>" + plots.Library() + "</script><small>Charts are interactive.</small>"); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}

// Show displays charts below each other. It panics where a chart cannot be drawn, so that the cell fails.
func Show(charts ...plots.Chart) {
	if err := display(snippets(charts)); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}
