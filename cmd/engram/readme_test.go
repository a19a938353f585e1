package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeTables holds each table of results in the README and in docs/ against what the command above it prints.
func TestReadmeTables(t *testing.T) {
	t.Chdir("../..") // where a reader calls it
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		tables := regexp.MustCompile(`(?s)<!-- engram (suite (?:table|memory) [^\n]*) -->\n(.*?)<!-- end -->`).FindAllStringSubmatch(string(text), -1)
		if len(tables) == 0 && page == "docs/results.md" {
			t.Error("docs/results.md has no table of results")
		}
		for _, table := range tables {
			if got := ok(t, strings.Fields(table[1])...); got != table[2] {
				t.Errorf("'engram %s' prints\n%s\n%s has\n%s\n'make readme' writes it again.", table[1], got, page,
					table[2])
			}
		}
	}
}
