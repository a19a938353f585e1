// Command docrules checks the comments and pages of a Go tree: the doc of a function begins with its name and a verb
// ("Weights returns ..."), not "is", "are" or "says", and no line is longer than 120 columns, except struct tags in Go
// and tables, code and the targets of links in Markdown. The doc of a test is a sentence, not its name and a colon. It
// names the offenders and exits with 1 if more than 3 % of the function docs, or any line or test, break a rule.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	columns = 120  // the longest line
	share   = 0.03 // of the function docs that may break the rule
)

func main() {
	quiet := flag.Bool("count", false, "print the counts alone")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	c, err := check(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "docrules:", err)
		os.Exit(1)
	}
	if !*quiet {
		for _, offender := range slices.Concat(c.nouns, c.long, c.labels) {
			fmt.Println(offender)
		}
	}
	fmt.Printf("docrules: %d of %d function docs begin with no verb (%.1f %%); %d lines are longer than %d columns; "+
		"%d docs of tests begin with a label\n", len(c.nouns), c.docs,
		100*float64(len(c.nouns))/float64(max(1, c.docs)), len(c.long), columns, len(c.labels))
	if !c.passes() {
		os.Exit(1)
	}
}

// check reads all Go and Markdown files below root, except those in hidden folders and in testdata.
func check(root string) (*checker, error) {
	c := &checker{root: root, files: token.NewFileSet()}
	return c, filepath.WalkDir(root, c.visit)
}

// passes reports whether the tree keeps the rules.
func (c *checker) passes() bool {
	return float64(len(c.nouns)) <= share*float64(c.docs) && len(c.long)+len(c.labels) == 0
}

// checker collects what breaks a rule, each as "file:line: text".
type checker struct {
	root   string
	files  *token.FileSet
	docs   int // functions with a doc
	nouns  []string
	long   []string
	labels []string // docs of tests such as "TestX: ...".
}

// visit checks one file of the tree.
func (c *checker) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if entry.IsDir() {
		if name := entry.Name(); path != c.root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		return nil
	}
	switch filepath.Ext(path) {
	case ".md":
		return c.lines(path, prose())
	case ".go":
	default:
		return nil
	}
	if err := c.lines(path, func(line string) string { return structTag.ReplaceAllString(line, "") }); err != nil {
		return err
	}
	file, err := parser.ParseFile(c.files, path, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, declared := range file.Decls {
		switch f, ok := declared.(*ast.FuncDecl); {
		case !ok || f.Doc == nil:
		case !isTest(path, f):
			c.function(f)
		case strings.HasPrefix(f.Doc.Text(), f.Name.Name+":"):
			c.labels = append(c.labels, fmt.Sprintf("%s: the doc of %s begins with its name and a colon",
				c.files.Position(f.Pos()), f.Name.Name))
		}
	}
	return nil
}

// isTest reports whether a function is one that go test calls.
func isTest(path string, f *ast.FuncDecl) bool {
	return strings.HasSuffix(path, "_test.go") && testName.MatchString(f.Name.Name)
}

var testName = regexp.MustCompile(`^(Test|Benchmark|Fuzz|Example)`)

// verb matches a verb in the third person, by its end, and noVerb the words that end so without being one.
var (
	verb   = regexp.MustCompile(`^[a-z-]+s$`)
	noVerb = regexp.MustCompile(`^(is|was|says|has|as|its|this|always)$`)
)

// function checks that a function's doc is its name and a verb; a test's may be any sentence.
func (c *checker) function(f *ast.FuncDecl) {
	text := strings.TrimSpace(f.Doc.Text())
	if text == "" { // a directive alone
		return
	}
	c.docs++
	words := strings.Fields(text)
	second := strings.TrimRight(strings.Join(words[1:min(2, len(words))], ""), ".,;")
	if words[0] == f.Name.Name && verb.MatchString(second) && !noVerb.MatchString(second) {
		return
	}
	first, _, _ := strings.Cut(text, "\n")
	c.nouns = append(c.nouns, fmt.Sprintf("%s: %s", c.files.Position(f.Pos()), first))
}

var structTag = regexp.MustCompile("`[a-z]+:\"[^`]*`")

var linkTarget = regexp.MustCompile(`\]\([^()\s]*\)`)

// prose returns a function that reduces the lines of a Markdown page, in order, to the text whose length counts:
// nothing of tables and fenced code, and no targets of links.
func prose() func(string) string {
	code := false
	return func(line string) string {
		trimmed := strings.TrimSpace(line)
		fence := strings.HasPrefix(trimmed, "```")
		code = code != fence
		if code || fence || strings.HasPrefix(trimmed, "|") {
			return ""
		}
		return linkTarget.ReplaceAllString(line, "")
	}
}

// lines checks the length of a file's lines, each reduced to what counts; a tab counts as four columns.
func (c *checker) lines(path string, counted func(string) string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for number := 1; scanner.Scan(); number++ {
		text := strings.ReplaceAll(counted(scanner.Text()), "\t", "    ")
		if n := utf8.RuneCountInString(text); n > columns {
			c.long = append(c.long, fmt.Sprintf("%s:%d: %d columns", path, number, n))
		}
	}
	return scanner.Err()
}
