package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeTables: each table of results in the README is what the command named above it prints.
func TestReadmeTables(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := regexp.MustCompile(`(?s)<!-- engram (suite (?:table|memory) [^\n]*) -->\n(.*?)<!-- end -->`).FindAllStringSubmatch(string(readme), -1)
	if len(tables) == 0 {
		t.Fatal("the README has no table of results")
	}
	if err := os.Chdir("../.."); err != nil { // where a reader calls it
		t.Fatal(err)
	}
	defer os.Chdir("cmd/engram")
	for _, table := range tables {
		if got := ok(t, strings.Fields(table[1])...); got != table[2] {
			t.Errorf("'engram %s' prints\n%s\nThe README has\n%s\n'make readme' writes it anew.", table[1], got, table[2])
		}
	}
}
