package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// references writes a file of references and reads it.
func references(t *testing.T, text string) (References, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "references.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return ReadReferences(path)
}

// A share is 1 for the first policy and 0 for the last; without both, or a first that earns more, there is none.
func TestReferences(t *testing.T) {
	t.Parallel()
	refs, err := references(t, `{"source": "measured", "policies": ["truth", "guess", "random"], "earns": {
		"A": {"truth": 1, "guess": 0.4, "random": -1}, "B": {"truth": 1}, "C": {"truth": 0, "random": 0}}}`)
	if err != nil {
		t.Fatal(err)
	}
	earned := 0.5
	rows, err := refs.Against([]Row{{Task: "A", Reward: &earned}, {Task: "B", Reward: &earned},
		{Task: "C", Reward: &earned}, {Task: "D", Reward: &earned}, {Task: "A"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		share, is := refs.Share(row)
		if is != (i == 0) || is && share != 0.75 {
			t.Errorf("row %d, of task %s: share %v, %v", i, row.Task, share, is)
		}
	}
	if rows[0].References["guess"] != 0.4 || rows[3].References != nil {
		t.Errorf("the rows have %v and %v", rows[0].References, rows[3].References)
	}
	if _, err := refs.Against([]Row{{Task: "D"}}); err == nil || !strings.Contains(err.Error(), `"D"`) {
		t.Errorf("no task is known: %v", err)
	}
}

func TestBadReferences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                      `"policies": ["truth", "random"]`,
		`{"policies": ["a","a"]}`: `"a" stands twice`,
		`{"policies": ["a"], "earns": {"X": {"b": 1}}}`:   `policy "b" of task X is unknown: use one of a`,
		`{"policies": ["a"], "earns": {"X": {"a": "1"}}}`: "use a number",
		`{"policies": ["a"], "earn": {}}`:                 "earn",
	} {
		if _, err := references(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
