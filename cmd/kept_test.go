package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKeptFilesAreNoOutput names each file of a run, a suite and a study as what a command writes, also by links and
// other spellings: it is refused before the work begins. A page that can be made again is not.
func TestKeptFilesAreNoOutput(t *testing.T) {
	t.Parallel()
	dir, links := copied(t), t.TempDir()
	run := filepath.Join(dir, "run")
	if err := errors.Join(os.Symlink(run, filepath.Join(links, "folder")),
		os.Symlink(filepath.Join(run, "checkpoints"), filepath.Join(links, "deep")),
		os.Symlink(filepath.Join(run, "config.json"), filepath.Join(links, "file"))); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{ // whether it is refused
		filepath.Join(links, "file"): true, filepath.Join(links, "folder", "run.json"): true,
		links + "/deep/../run.json": true, run + "/./checkpoints/../config.json": true,
		filepath.Join(run, "start.json"): true, filepath.Join(dir, "suite", "holds.jsonl"): true,
		filepath.Join(run, "report.html"): false, filepath.Join(run, "a.npz"): false,
		filepath.Join(dir, "suite", "report.html"): false, filepath.Join(dir, "config.json"): false,
	}
	for _, thing := range []string{"run", "suite", "study"} {
		for _, file := range filesOf(t, dir, thing) {
			places[filepath.Join(dir, file)] = filepath.Ext(file) != ".html"
		}
	}
	for place, refused := range places {
		checkKept(t, "record RUN --out $FILE", place, refused)
	}
	for _, line := range writers {
		if strings.Contains(line, "$FILE") {
			checkKept(t, line, filepath.Join(run, "evals.jsonl"), true)
		}
	}
}

func checkKept(t *testing.T, line, place string, refused bool) {
	t.Helper()
	words := strings.Fields(line)
	words[slices.Index(words, "$FILE")] = place
	times, err := begun(words)
	switch {
	case !refused && (err != nil || times != 1):
		t.Errorf("%s: began %d times, %v", words, times, err)
	case refused && (times != 0 || err == nil || !strings.Contains(err.Error(), place+" belongs to what engram keeps in") ||
		!strings.Contains(err.Error(), "name another file")):
		t.Errorf("%s: began %d times, %v, want it refused", words, times, err)
	}
}
