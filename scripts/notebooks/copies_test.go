// Package notebooks tests the scripts that bring the notebooks to their reader.
package notebooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clone makes a folder with the scripts, a notebook and results, and returns its path and that of a reader's folder.
func clone(t *testing.T) (dir, folder string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "a clone, ü")
	script, err := os.ReadFile("copies.py")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "scripts", "notebooks", "copies.py"), string(script))
	write(t, filepath.Join(dir, "notebooks", "a.ipynb"), "first")
	write(t, filepath.Join(dir, "results", "runs.jsonl"), "{}")
	return dir, filepath.Join(t.TempDir(), "Eigene Mappe ü", "notebooks")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// copies runs the script of a clone on a folder and returns what it printed.
func copies(t *testing.T, dir, folder string) string {
	t.Helper()
	script := filepath.Join(dir, "scripts", "notebooks", "copies.py")
	out, err := exec.Command("python3", script, folder).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// files returns the names and texts in a folder, except those that begin with a dot.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			text = []byte("unreadable")
		}
		found[e.Name()] = string(text)
	}
	return found
}

// TestCopies follows a reader's folder through the versions of a notebook: a copy is never overwritten, and what is new
// lies beside it once.
func TestCopies(t *testing.T) {
	t.Parallel()
	dir, folder := clone(t)
	shipped, mine := filepath.Join(dir, "notebooks", "a.ipynb"), filepath.Join(folder, "a.ipynb")
	for _, step := range []struct {
		name string
		do   func()
		want map[string]string
		says string
	}{
		{"the first time", func() {}, map[string]string{"a.ipynb": "first"}, ""},
		{"again", func() {}, map[string]string{"a.ipynb": "first"}, ""},
		{"changed by the reader", func() { write(t, mine, "mine") }, map[string]string{"a.ipynb": "mine"}, ""},
		{"a new version", func() { write(t, shipped, "second") },
			map[string]string{"a.ipynb": "mine", "a.2.ipynb": "second"},
			"a newer a.ipynb lies beside your copy: a.2.ipynb"},
		{"no newer", func() {}, map[string]string{"a.ipynb": "mine", "a.2.ipynb": "second"}, ""},
		{"a third version", func() { write(t, shipped, "third") },
			map[string]string{"a.ipynb": "mine", "a.2.ipynb": "second", "a.3.ipynb": "third"}, "a.3.ipynb"},
		{"removed by the reader", func() { _ = os.Remove(mine) },
			map[string]string{"a.ipynb": "third", "a.2.ipynb": "second", "a.3.ipynb": "third"}, ""},
		{"its record is damaged", func() { write(t, filepath.Join(folder, ".shipped.json"), "[3") },
			map[string]string{"a.ipynb": "third", "a.2.ipynb": "second", "a.3.ipynb": "third"}, ""},
		{"its record is of another kind", func() { write(t, filepath.Join(folder, ".shipped.json"), "3") },
			map[string]string{"a.ipynb": "third", "a.2.ipynb": "second", "a.3.ipynb": "third"}, ""},
		{"another notebook", func() { write(t, filepath.Join(dir, "notebooks", "b.ipynb"), "b") },
			map[string]string{"a.ipynb": "third", "a.2.ipynb": "second", "a.3.ipynb": "third", "b.ipynb": "b"}, ""},
	} {
		step.do()
		said := copies(t, dir, folder)
		if got := files(t, folder); len(got) != len(step.want) {
			t.Errorf("%s: the folder has %v, want %v", step.name, got, step.want)
		} else {
			for name, text := range step.want {
				if got[name] != text {
					t.Errorf("%s: %s is %q, want %q", step.name, name, got[name], text)
				}
			}
		}
		if step.says == "" && said != "" || !strings.Contains(said, step.says) {
			t.Errorf("%s: it printed %q, want %q", step.name, said, step.says)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "..", "results", "runs.jsonl"))
	if err != nil || string(text) != "{}" {
		t.Errorf("results beside the folder: %s, %v", text, err)
	}
}

// TestCopiesLeaveWhatIsThere puts a link that leads nowhere and results of the reader's own where copies would go, and
// a file where the folder would be.
func TestCopiesLeaveWhatIsThere(t *testing.T) {
	t.Parallel()
	dir, folder := clone(t)
	write(t, filepath.Join(folder, "..", "results", "mine"), "mine")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(folder, "a.ipynb")); err != nil {
		t.Fatal(err)
	}
	copies(t, dir, folder)
	if got := files(t, folder); got["a.2.ipynb"] != "first" || got["a.ipynb"] != "unreadable" {
		t.Errorf("beside a link it made %v", got)
	}
	if got := files(t, filepath.Join(folder, "..", "results")); len(got) != 1 || got["mine"] != "mine" {
		t.Errorf("the reader's results became %v", got)
	}
	said := copies(t, dir, filepath.Join(folder, "..", "results", "mine"))
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, "could not be copied") ||
		!strings.Contains(said, filepath.Join(dir, "notebooks")) {
		t.Errorf("a file in the folder's place: it printed %q", said)
	}
}

// TestLabRefuses opens what is no folder.
func TestLabRefuses(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{filepath.Join(t.TempDir(), "missing"), "copies.py"} {
		out, err := exec.Command("../lab.sh", folder).CombinedOutput()
		want := "lab: " + folder + " is not a folder that can be opened: make it, or use 'engram new' for a folder " +
			"with a task of your own\n"
		if err == nil || string(out) != want {
			t.Errorf("%v, and it printed %q, want %q", err, out, want)
		}
	}
}
