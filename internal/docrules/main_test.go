package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes a folder with one file and checks it.
func tree(t *testing.T, name, source string) *checker {
	t.Helper()
	root := t.TempDir()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := check(root)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFunctionDocs(t *testing.T) {
	for _, c := range []struct {
		doc    string
		passes bool
	}{
		{"Size returns the number of floats.", true},
		{"Size, which is slow.", false},
		{"Size reports whether.", true},
		{"Size stops, then waits.", true},
		{"Size is the number of floats.", false},
		{"Size are the numbers.", false},
		{"Size says how many floats there are.", false},
		{"Size has the floats.", false},
		{"Size as it was.", false},
		{"Size: a number.", false},
		{"Returns the number.", false},
		{"Size", false},
	} {
		t.Run(c.doc, func(t *testing.T) {
			got := tree(t, "a.go", "package a\n\n// "+c.doc+"\nfunc Size() {}\n")
			if got.docs != 1 || got.passes() != c.passes {
				t.Errorf("%d docs, offenders %v", got.docs, got.nouns)
			}
		})
	}
}

// TestNotCounted checks that functions without a doc, those that go test calls, and those in testdata or a hidden
// folder need no verb.
func TestNotCounted(t *testing.T) {
	const odd = "package a\n\n// Odd is a function.\nfunc Odd() {}\n"
	for name, source := range map[string]string{
		"a.go":            "package a\n\nfunc Size() {}\n",
		"a_test.go":       "package a\n\n// What Size does.\nfunc TestSize() {}\n",
		"testdata/a.go":   odd,
		".venv/lib/a.go":  odd,
		"a/directive.go":  "package a\n\n//go:noinline\nfunc Size() {}\n",
		"a/notgo.go.text": odd,
	} {
		t.Run(name, func(t *testing.T) {
			if c := tree(t, name, source); c.docs != 0 || !c.passes() {
				t.Errorf("%d docs, offenders %v", c.docs, c.nouns)
			}
		})
	}
}

// A test's doc is a sentence: its name and a colon before it say nothing.
func TestLabels(t *testing.T) {
	docs := map[string]int{"TestSize: a size.": 1, "A size.": 0, "TestSize checks a size: its sum.": 0}
	for doc, labels := range docs {
		t.Run(doc, func(t *testing.T) {
			c := tree(t, "a_test.go", "package a\n\n// "+doc+"\nfunc TestSize() {}\n")
			if len(c.labels) != labels || c.passes() != (labels == 0) {
				t.Errorf("%v, want %d", c.labels, labels)
			}
		})
	}
}

// TestShare checks that three of a hundred docs may be without a verb, four may not.
func TestShare(t *testing.T) {
	for _, odd := range []int{3, 4} {
		source := "package a\n" + strings.Repeat("\n// f is odd.\nfunc f() {}\n", odd) +
			strings.Repeat("\n// f returns.\nfunc f() {}\n", 100-odd)
		if c := tree(t, "a.go", source); len(c.nouns) != odd || c.passes() != (odd == 3) {
			t.Errorf("%d of %d: passes %t", len(c.nouns), c.docs, c.passes())
		}
	}
}

func TestLines(t *testing.T) {
	field := "type s struct {\n\tA int `json:\"" + strings.Repeat("a", 130) + "\"`\n}\n"
	for name, c := range map[string]struct {
		source string
		long   int
	}{
		"120 columns":          {"// " + strings.Repeat("é", 117) + "\n", 0},
		"121 columns":          {"// " + strings.Repeat("é", 118) + "\n", 1},
		"a tab is four":        {"\t// " + strings.Repeat("a", 114) + "\n", 1},
		"a struct's tag is no": {field, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tree(t, "a.go", "package a\n\n"+c.source); len(got.long) != c.long {
				t.Errorf("%v, want %d", got.long, c.long)
			}
		})
	}
}

// TestPages checks that the lines of Markdown count, except tables, fenced code and the targets of links.
func TestPages(t *testing.T) {
	long := strings.Repeat("word ", 25)
	for name, c := range map[string]struct {
		source string
		long   int
	}{
		"prose":            {long + "\n", 1},
		"after code":       {"```\n" + long + "\n```\n" + long + "\n", 1},
		"a table":          {"| " + long + " |\n", 0},
		"a link's target":  {"[text](https://" + strings.Repeat("a", 120) + ")\n", 0},
		"a long link text": {"[" + long + "](https://a)\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tree(t, "page.md", c.source); len(got.long) != c.long || got.passes() != (c.long == 0) {
				t.Errorf("%v, want %d", got.long, c.long)
			}
		})
	}
}
