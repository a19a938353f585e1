package notebook

import (
	"fmt"
	"html"
	"strings"

	"engram/plots"
)

// ShowTable displays a table, which scrolls where it is wider than the cell.
func ShowTable(t *plots.Table) {
	if err := display(tableHTML(t)); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}

// LiveTable is a place in a cell's output in which a table is drawn anew while the cell runs. Close it at the end: it
// shows what came last, which is then what the notebook saves.
type LiveTable struct{ area *area }

// NewLiveTable is an empty place; it appears with the first table.
func NewLiveTable() *LiveTable { return &LiveTable{newArea()} }

// Show replaces what the place shows.
func (l *LiveTable) Show(t *plots.Table) { l.area.set(func() string { return tableHTML(t) }) }

// Close shows the newest table.
func (l *LiveTable) Close() { l.area.close() }

func tableHTML(t *plots.Table) string {
	var out strings.Builder
	row := func(cells []string, tag string) {
		out.WriteString("<tr>")
		for _, c := range cells {
			out.WriteString("<" + tag + ">" + html.EscapeString(c) + "</" + tag + ">")
		}
		out.WriteString("</tr>")
	}
	out.WriteString(`<div style="overflow-x: auto" tabindex="0" role="region" aria-label="table"><table style="font-variant-numeric: tabular-nums; width: max-content; max-width: 58rem">`)
	row(t.Header, "th")
	for _, cells := range t.Rows {
		row(cells, "td")
	}
	out.WriteString("</table></div>")
	return out.String()
}
