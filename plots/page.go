package plots

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"engram/internal/durable"
)

//go:embed assets/page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// Table is a table of text.
type Table struct {
	Header []string
	Rows   [][]string
}

// Addf adds a row, formatted as by fmt.Sprintf, whose cells are separated by tabs.
func (t *Table) Addf(format string, values ...any) {
	t.Rows = append(t.Rows, strings.Split(fmt.Sprintf(format, values...), "\t"))
}

// TableClass is the class of a table that TableScript makes sortable.
const TableClass = "engram-table"

// TableScript makes the tables so far whose columns are not yet sortable so, on a page that has the Library.
const TableScript = `(window.engramPlots = window.engramPlots || []).push(["` + TableClass + `", "table"]);`

// Section is a part of a page: a heading, a paragraph, a table and charts. Each of them may be missing.
type Section struct {
	Heading string
	Text    string
	Table   *Table
	Charts  []Chart
}

// Page is an HTML page in one file, which opens without a network.
type Page struct {
	Title, Subtitle string
	Sections        []Section
}

// WriteTo writes the page. It implements io.WriterTo.
func (p Page) WriteTo(w io.Writer) (int64, error) {
	type section struct {
		Section
		Charts []drawn
	}
	var sections []section
	for _, s := range p.Sections {
		out := section{Section: s}
		for _, c := range s.Charts {
			d, err := drawChart(c)
			if err != nil {
				return 0, err
			}
			out.Charts = append(out.Charts, d)
		}
		sections = append(sections, out)
	}
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, map[string]any{"Title": p.Title, "Subtitle": p.Subtitle, "Sections": sections,
		"Library": template.JS(Library()), "TableClass": TableClass, "TableScript": template.JS(TableScript)})
	if err != nil {
		return 0, fmt.Errorf("page %q: %w", p.Title, err)
	}
	return page.WriteTo(w)
}

// Save writes the page to a file. It replaces the file only once the page is whole, so a full disk changes nothing.
func (p Page) Save(path string) error {
	err := durable.Replace(path, func(w io.Writer) error { _, err := p.WriteTo(w); return err })
	if err != nil {
		return fmt.Errorf("page %s: %w", path, err)
	}
	return nil
}
