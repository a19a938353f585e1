package memory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFree checks that the smallest of the kernel's and the control groups' limits counts, including that of a group
// above the own one.
func TestFree(t *testing.T) {
	proc, groups := t.TempDir(), t.TempDir()
	if _, err := free(proc, groups); err == nil {
		t.Error("nothing says what is free, and no error")
	}
	write(t, filepath.Join(proc, "meminfo"), "MemTotal: 9000 kB\nMemAvailable:    2000 kB\n")
	check := func(what string, want float64) {
		t.Helper()
		if got, err := free(proc, groups); err != nil || got != want {
			t.Errorf("%s: %v bytes, %v, want %v", what, got, err, want)
		}
	}
	check("no groups", 2000*1024)
	write(t, filepath.Join(proc, "self/cgroup"), "1:name=x:/y\n0::/pod/own\n")
	write(t, filepath.Join(groups, "pod/own/memory.max"), "max\n")
	write(t, filepath.Join(groups, "pod/own/memory.current"), "5\n")
	check("no limit", 2000*1024)
	write(t, filepath.Join(groups, "pod/memory.max"), "100000\n")
	write(t, filepath.Join(groups, "pod/memory.current"), "90000\n")
	check("a limit above", 10000)
	write(t, filepath.Join(groups, "pod/memory.stat"), "active_file 7\ninactive_file 500\n")
	check("pages of files", 10500)
	write(t, filepath.Join(groups, "pod/own/memory.max"), "3\n")
	check("more is used than may be", 0)
}

func TestCheck(t *testing.T) {
	if err := Check("memory", 8, 4e9, 4e9); err != nil {
		t.Error(err)
	}
	for want, err := range map[string]error{
		"8 members in one program take about 8.0 GB of memory, and 3.5 GB are free: train at" +
			" most 3 together": Check("memory", 8, 8e9, 3.5e9),
		"training takes about 8.0 GB of memory, and 3.5 GB are free: lower" +
			" capacity": Check("memory", 1, 8e9, 3.5e9),
		"are free: lower capacity": Check("memory", 2, 8e30, 1e9),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
