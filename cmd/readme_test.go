package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// marked matches a table of results on a page, between the command that prints it and its end.
var marked = regexp.MustCompile(`(?s)<!-- engram (suite (?:table|memory|holds) [^\n]*) -->\n(.*?)<!-- end -->`)

// TestReadmeTables holds each table of results in the README and in docs/ against what the command above it prints.
func TestReadmeTables(t *testing.T) {
	t.Parallel()
	const root = ".." // where a reader calls it
	pages, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, root+"/README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		tables := marked.FindAllStringSubmatch(string(text), -1)
		if len(tables) == 0 && filepath.Base(page) == "results.md" {
			t.Error("docs/results.md has no table of results")
		}
		for _, table := range tables {
			if got, errs, code := runIn(t, root, strings.Fields(table[1])...); code != 0 || got != table[2] {
				t.Errorf("'engram %s' prints\n%s%s\n%s has\n%s\n'make readme' writes it again.", table[1], got, errs,
					page,
					table[2])
			}
		}
	}
}
