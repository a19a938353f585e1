// Package examples builds and runs the programs below it.
package examples

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExamples builds the three programs and runs them small: follow prints the evaluations that train prints, and
// owntask trains on its own task.
func TestExamples(t *testing.T) {
	t.Parallel()
	programs := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	run := func(name string, arguments ...string) string {
		out, err := exec.CommandContext(ctx, filepath.Join(programs, name), arguments...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
		return string(out)
	}
	if out, err := exec.Command("go", "build", "-ldflags=-s", "-o", programs, "./...").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	dir := filepath.Join(t.TempDir(), "run")
	followed := make(chan string)
	go func() { followed <- run("follow", dir) }()
	trained := run("train", "-run", dir, "-updates", "20")
	if t.Failed() {
		stop() // follow waits for a run that will not come
	}
	seen := <-followed
	curve := regexp.MustCompile(`(?m)^update +\d+`).FindAllString(trained, -1)
	if len(curve) != 11 || !strings.Contains(trained, "trained: ") {
		t.Errorf("train printed %d evaluations, want one before and ten in training:\n%s", len(curve), trained)
	}
	for _, point := range curve {
		if !strings.Contains(seen, point) {
			t.Errorf("follow did not print %q but\n%s", point, seen)
		}
	}
	if !strings.HasSuffix(seen, "the run is finished after update 20\n") {
		t.Errorf("follow ended with\n%s", seen)
	}

	if out := run("owntask", "-run", filepath.Join(t.TempDir(), "echo"), "-updates", "20"); !regexp.MustCompile(
		`(?s)^reward per trial\nagent +-?\d.*ceiling +1\.000.*random`).MatchString(out) {
		t.Errorf("owntask printed\n%s", out)
	}
}
