package journal

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type numbered struct{ N int }

// TestLinesWhileTheyAreWritten checks that, however the writing is cut, each line is read once, whole and in order.
func TestLinesWhileTheyAreWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.jsonl")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := Lines[numbered]{Path: path}
	var got []int
	for _, part := range []string{"", `{"N":1}`, "\n" + `{"N":`, "2", "}\n" + `{"N":3}` + "\n", `{"N":4}`} {
		if _, err := file.WriteString(part); err != nil {
			t.Fatal(err)
		}
		if err := lines.Next(nil, func(v numbered) { got = append(got, v.N) }); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{1, 2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, want %v: the fourth has no end yet", got, want)
	}
	// A run that resumes from a checkpoint has fewer lines for a while.
	if err := os.WriteFile(path, []byte(`{"N":1}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	again := 0
	got = nil
	if err := lines.Next(func() { again++ }, func(v numbered) { got = append(got, v.N) }); err != nil || again != 1 ||
		!reflect.DeepEqual(got, []int{1}) {
		t.Errorf("after it became shorter: read %v, from the beginning %d times, %v", got, again, err)
	}
}

func TestAlteredLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.jsonl")
	for name, text := range map[string]string{"no JSON": "{]", "no end in sight": strings.Repeat(" ", longestLine),
		"a number too large": `{"N":1e99}`, "another type": `{"N":"1"}`} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(`{"N":1}`+"\n"+text+"\n"+`{"N":3}`+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			lines, count := Lines[numbered]{Path: path}, 0
			for range 2 {
				err := lines.Next(nil, func(numbered) { count++ })
				if err == nil || !strings.Contains(err.Error(), path+", line 2 ") {
					t.Errorf("%s: error %v", name, err)
				}
			}
			if count != 1 {
				t.Errorf("%s: %d lines read, want the one before", name, count)
			}
		})
	}
}

// TestLinesSeeAnotherFile checks that a file of the same length is read again from the beginning if any byte of its
// tail has changed, and only then.
func TestLinesSeeAnotherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.jsonl")
	const text = "1\n2\n3\n"
	for changed := range len(text) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		lines, again := Lines[int]{Path: path}, 0
		next := func() {
			t.Helper()
			if err := lines.Next(func() { again++ }, func(int) {}); err != nil {
				t.Fatal(err)
			}
		}
		next()
		next()
		if again != 0 {
			t.Fatalf("an unchanged file was read again")
		}
		other := []byte(text)
		if other[changed]++; text[changed] == '\n' {
			other[changed] = ' '
		}
		if err := os.WriteFile(path, other, 0o644); err != nil {
			t.Fatal(err)
		}
		if lines.Next(func() { again++ }, func(int) {}); again != 1 {
			t.Errorf("byte %d changed: read again %d times", changed, again)
		}
	}
}
