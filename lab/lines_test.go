package lab

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type numbered struct{ N int }

// TestLinesWhileTheyAreWritten: however the writing is cut, each line is read once, whole and in order.
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
	// A run that goes on from a checkpoint has fewer lines for a while.
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
	}
}
