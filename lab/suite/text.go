package suite

import (
	"fmt"
	"strings"

	"engram/plots"
)

// Text is the table of rows for readers.
func Text(rows []Row) *plots.Table {
	t := &plots.Table{Header: []string{"task", "cell", "parameters", "seeds", "share of ceiling (IQM)", "95 % interval", "lowest", "seeds at 95 %",
		"updates to 95 %", "steps to 95 %", "minutes to 95 %", "minutes a run"}}
	for _, r := range rows {
		interval := "–"
		if r.Low != nil {
			interval = fmt.Sprintf("%.3f to %.3f", *r.Low, *r.High)
		}
		t.Rows = append(t.Rows, []string{r.Task, r.Cell, fmt.Sprint(r.Parameters), fmt.Sprint(r.Seeds), number("%.3f", r.IQM), interval, number("%.3f", r.Lowest),
			fmt.Sprintf("%d of %d", r.Reached, r.Seeds), number("%.0f", r.UpdatesTo), number("%.0f", r.StepsTo), number("%.1f", r.MinutesTo), number("%.1f", r.Minutes)})
	}
	return t
}

// number formats a number that may be missing.
func number(format string, x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(format, *x)
}

// Markdown is the table in GitHub's Markdown.
func Markdown(rows []Row) string {
	var out strings.Builder
	t := Text(rows)
	line := func(cells []string) { fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Header)
	fmt.Fprintf(&out, "|%s\n", strings.Repeat("---|", len(t.Header)))
	for _, row := range t.Rows {
		line(row)
	}
	return out.String()
}
