package backend

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// XLA computes on as many threads as NPROC says: each thread more looks for work in vain, at the cost of the others.
func TestThreads(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("threads have no folder")
	}
	only(t, filepath.Dir(realPlugin(t)))
	for _, c := range []struct {
		processors string
		want       int
	}{{"1", 1}, {"3", 3}} {
		t.Run(c.processors, func(t *testing.T) {
			t.Setenv("NPROC", c.processors)
			before := computing(t)
			b, _, err := Open(XLACPU)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Finalize()
			if got := computing(t) - before; got != c.want {
				t.Errorf("NPROC=%s: XLA computes on %d threads, want %d", c.processors, got, c.want)
			}
		})
	}
}

// computing counts the threads of this process on which XLA computes.
func computing(t *testing.T) int {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil || len(names) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	count := 0
	for _, name := range names {
		comm, err := os.ReadFile(name)
		if err == nil && string(comm) == "tf_XLAEigen\n" { // a thread that ended meanwhile has no name
			count++
		}
	}
	return count
}
