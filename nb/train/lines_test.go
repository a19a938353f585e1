package train_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The page whose table says what a job costs, and the file whose Example has these very lines.
const page, examples = "../../docs/workbench.md", "example_test.go"

// row is a line of the page's table: a job, the numbers of its lines now, and its code. Code that does not fit into the
// table is in blocks below, in the order of the rows.
var row = regexp.MustCompile(`(?m)^\| (.*?) \| (.*?) \| (.*?) \| (.*?) \| (.*) \|$`)

// inline is a piece of code in Markdown.
var inline = regexp.MustCompile("``(.+?)``|`(.+?)`")

// squeezed returns code with each run of spaces and line ends as one space.
func squeezed(code string) string { return strings.Join(strings.Fields(code), " ") }

// statements returns the code of each statement of the Example without a name.
func statements(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(examples)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, examples, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, d := range parsed.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Name.Name == "Example" {
			for _, s := range f.Body.List {
				found[squeezed(string(text[files.Position(s.Pos()).Offset:files.Position(s.End()).Offset]))] = true
			}
		}
	}
	return found
}

// TestLinesOfThePage counts the lines of each job of docs/workbench.md, and looks their code up in the Example, which
// is compiled. Of the task it counts the lines of code in the file that 'engram new' makes.
func TestLinesOfThePage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	known, blocks, rows := statements(t), codeBlocks(string(text)), 0
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		job, now, cell := m[1], m[3], m[5]
		if job == "job" || job == "---" {
			continue
		}
		rows++
		var code []string
		switch {
		case strings.Contains(cell, "see below"):
			if len(blocks) == 0 {
				t.Fatalf("%s: there is no block of code for it", job)
			}
			code, blocks = blocks[:1], blocks[1:]
		case strings.Contains(cell, "task/task.go"):
			if want := strconv.Itoa(linesOfTask(t)); now != want {
				t.Errorf("%s: the page says %s lines, there are %s", job, now, want)
			}
			continue
		default:
			for _, c := range inline.FindAllStringSubmatch(cell, -1) {
				code = append(code, c[1]+c[2])
			}
		}
		if now == "0" && len(code) == 0 {
			continue
		}
		var counts []string
		for _, c := range code {
			counts = append(counts, strconv.Itoa(len(strings.Split(strings.TrimSpace(c), "\n"))))
			for _, statement := range split(c) {
				if !known[squeezed(statement)] {
					t.Errorf("%s: the Example lacks %q", job, squeezed(statement))
				}
			}
		}
		if got := strings.Join(counts, "; "); got != now {
			t.Errorf("%s: the page says %s lines, there are %s", job, now, got)
		}
	}
	if rows < 16 || len(blocks) > 0 {
		t.Errorf("%d rows were counted, and %d blocks belong to none", rows, len(blocks))
	}
}

// codeBlocks returns the indented blocks of the page's part about what jobs cost, without their indent.
func codeBlocks(text string) (blocks []string) {
	_, text, _ = strings.Cut(text, "\n## Jobs")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, part := range strings.Split(text, "\n\n") {
		if strings.HasPrefix(part, "    ") {
			blocks = append(blocks, strings.ReplaceAll(part, "\n    ", "\n"))
		}
	}
	return blocks
}

// split returns the statements of a block: a line that is not indented begins one.
func split(block string) (statements []string) {
	for line := range strings.Lines(strings.TrimSpace(block)) {
		if n := len(statements); n > 0 && strings.TrimLeft(line, " \t") != line {
			statements[n-1] += line
		} else {
			statements = append(statements, line)
		}
	}
	return statements
}

// linesOfTask counts the lines of code below the imports of the task that 'engram new' makes.
func linesOfTask(t *testing.T) (n int) {
	t.Helper()
	text, err := os.ReadFile("../../cmd/skeleton/task.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), "\n)\n")
	if !found {
		t.Fatal("no imports")
	}
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}
