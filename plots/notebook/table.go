package notebook

import (
	"fmt"
	"html"
	"strings"

	"engram/plots"
)

// ShowTable displays a table, which scrolls sideways if it is wider than the cell. After Begin a click, or the enter
// key, on the name of a column sorts its rows.
func ShowTable(t *plots.Table) {
	if err := display(tableHTML(t)); err != nil {
		panic(fmt.Errorf("notebook: %w", err))
	}
}

// LiveTable is a place in a cell's output whose table is redrawn while the cell runs. Close it at the end: it shows the
// newest table, which is what the notebook saves.
type LiveTable struct{ area *area }

// NewLiveTable returns an empty place, which appears with its first table.
func NewLiveTable() *LiveTable { return &LiveTable{newArea()} }

// Show replaces the table of the place.
func (l *LiveTable) Show(t *plots.Table) { l.area.set(func() string { return tableHTML(t) }) }

// Close shows the newest table.
func (l *LiveTable) Close() { l.area.close() }

// tableHTML returns a table as HTML.
func tableHTML(t *plots.Table) string {
	var out strings.Builder
	row := func(cells []string, tag string) {
		out.WriteString("<tr>")
		for _, c := range cells {
			out.WriteString("<" + tag + ">" + html.EscapeString(c) + "</" + tag + ">")
		}
		out.WriteString("</tr>")
	}
	out.WriteString(`<div style="overflow-x: auto" tabindex="0" role="region" aria-label="table">` +
		`<table class="` + plots.TableClass +
		`" style="font-variant-numeric: tabular-nums; width: max-content; max-width: 58rem">`)
	out.WriteString("<thead>")
	row(t.Header, "th")
	out.WriteString("</thead><tbody>")
	for _, cells := range t.Rows {
		row(cells, "td")
	}
	out.WriteString("</tbody></table></div><script>" + plots.TableScript + "</script>")
	return out.String()
}
