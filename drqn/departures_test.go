package drqn

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDepartures checks docs/departures.md against the presets: the papers' tables against the default, and the two
// columns of the session's table against both. That table names every difference of the two.
func TestDepartures(t *testing.T) {
	text, err := os.ReadFile("../docs/departures.md")
	if err != nil {
		t.Fatal(err)
	}
	papers, session, found := strings.Cut(string(text), "## The preset `session`")
	if !found {
		t.Fatal("the page has no section of the preset session")
	}
	ours, theirs := preset(t, "default"), preset(t, "session")
	said := func(c Config, name, value string) {
		if c.Text(name) != value {
			t.Errorf("%s is %q, the page says %q", name, c.Text(name), value)
		}
	}
	line := regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\| ([^|]+) \\| `([^`]*)` \\|")
	ofPapers, ofSession := line.FindAllStringSubmatch(papers, -1), line.FindAllStringSubmatch(session, -1)
	for _, row := range ofPapers {
		said(ours, row[1], row[3])
	}
	named := map[string]bool{}
	for _, row := range ofSession {
		said(ours, row[1], strings.Trim(row[2], "`"))
		said(theirs, row[1], row[3])
		named[row[1]] = true
	}
	for _, f := range Fields() {
		if ours.Text(f.Name) != theirs.Text(f.Name) && !named[f.Name] {
			t.Errorf("%s differs between the presets, and the page does not say so", f.Name)
		}
	}
	if len(ofPapers) < 20 || len(ofSession) < 10 {
		t.Errorf("%d and %d lines were compared: the page or the pattern has changed", len(ofPapers), len(ofSession))
	}
}
