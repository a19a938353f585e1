package soak

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"engram/internal/engramtest"
)

// TestSoak soaks for some seconds with the real command: everything is measured, nothing is left running.
func TestSoak(t *testing.T) {
	executable := filepath.Join(t.TempDir(), "engram")
	if err := engramtest.Build("", executable); err != nil {
		t.Fatal(err)
	}
	o := Options{Executable: executable, Dir: t.TempDir(), Backend: "go", For: 3 * time.Second,
		Every: 100 * time.Millisecond}
	seen := map[string]int{}
	o.Watch = func(s Sample) {
		if seen[s.Process]++; s.Memory < 1<<20 || s.Process != "eval" && s.Descriptors < 3 {
			t.Errorf("a process holds %+v", s)
		}
	}
	results, err := o.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 4 {
		t.Fatalf("results of %d processes: %+v", len(results), results)
	}
	for _, r := range results {
		if r.Samples < 1 || r.Samples != seen[r.Process] {
			t.Errorf("%s has %d samples, %d were seen", r.Process, r.Samples, seen[r.Process])
		}
	}
	if left, err := os.ReadFile(filepath.Join(o.Dir, "run", "run.json")); err != nil ||
		!strings.Contains(string(left), `"interrupted"`) {
		t.Errorf("the training was not stopped: %s, %v", left, err)
	}
}

func TestFlat(t *testing.T) {
	for _, c := range []struct {
		r    Result
		want bool
	}{
		{Result{MemoryEarly: 40e6, MemoryLate: 43e6, DescriptorsEarly: 9, DescriptorsLate: 9}, true},
		{Result{MemoryEarly: 40e6, MemoryLate: 50e6, DescriptorsEarly: 9, DescriptorsLate: 9}, false},
		{Result{MemoryEarly: 400e6, MemoryLate: 430e6, DescriptorsEarly: 9, DescriptorsLate: 8}, true},
		{Result{MemoryEarly: 40e6, MemoryLate: 40e6, DescriptorsEarly: 9, DescriptorsLate: 10}, false},
	} {
		if got := c.r.Flat(); got != c.want {
			t.Errorf("%+v is flat: %v", c.r, got)
		}
	}
}
