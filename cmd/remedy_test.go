package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// overRuns runs every command that takes a run with another path in its place, except those named. Each must fail with
// one line that has the wanted words.
func overRuns(t *testing.T, dir, path string, except []string, want ...string) {
	t.Helper()
	tried := 0
	for name, u := range uses {
		if !strings.Contains(u.args, "$RUN") || slices.Contains(except, name) {
			continue
		}
		tried++
		args := strings.ReplaceAll(u.args, "$RUN", path)
		_, errs, code := run(t, append(strings.Fields(name)[1:], fill(args, dir, filepath.Join(dir, "new"))...)...)
		for _, words := range want {
			if code != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, words) {
				t.Errorf("%s: exit %d, it says %q, want %q", name, code, errs, words)
			}
		}
	}
	if tried < 5 {
		t.Errorf("%d commands were tried", tried)
	}
}

// A run of a task that this program does not have: what needs the task names the remedy, and what only shows works.
func TestRunOfAnotherProgramsTask(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	config := filepath.Join(dir, "run", "config.json")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	put(t, config, strings.Replace(string(text), `"GoNogo"`, `"Recall"`, 1), 0o644)
	shows := []string{"engram watch", "engram runs"}
	overRuns(t, dir, "$RUN", shows, `task "Recall" is unknown: use one of `, "in its folder use 'go run .'",
		"put 'var registered = tasks.Register(...)' above %%")
	for _, name := range shows {
		ok(t, strings.Fields(name)[1], filepath.Join(dir, "run"))
	}
}

// A directory of runs in the place of a run: the error names one that is there.
func TestDirectoryOfRunsForARun(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	overRuns(t, dir, dir, []string{"engram watch", "engram runs"}, "is not a run directory but holds runs: "+
		"name one of them, such as "+filepath.Join(dir, "run"))
}
