package plots

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

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

// Section is a part of a page: a heading, a paragraph, a table and charts, each of which may be missing.
type Section struct {
	Heading string
	Text    string
	Table   *Table
	Charts  []Chart
}

// Page is an HTML page in one file, that opens offline.
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
		"Library": template.JS(Library())})
	if err != nil {
		return 0, fmt.Errorf("page %q: %w", p.Title, err)
	}
	return page.WriteTo(w)
}

// Save writes the page to a file: beside it first, so that a full disk leaves what was there.
func (p Page) Save(path string) error {
	err := durable.Replace(path, func(w io.Writer) error { _, err := p.WriteTo(w); return err })
	if err != nil {
		return fmt.Errorf("page %s: %w", path, err)
	}
	return nil
}
