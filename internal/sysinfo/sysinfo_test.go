package sysinfo

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestSelf checks that a test binary knows its compiler and the modules that it links, which here include none that
// compute.
func TestSelf(t *testing.T) {
	if p := Self(); p.Go != runtime.Version() || p.Version == "" || len(p.Modules) != 0 {
		t.Errorf("%+v", p)
	}
}

// TestMachine checks the texts that run.json and bench have held since the first release.
func TestMachine(t *testing.T) {
	want := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if got := Machine(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if p := Processor(); !regexp.MustCompile(`^[^:]+, \d+ cores$`).MatchString(p) || strings.Contains(p, "model name") {
		t.Errorf("the processor is %q", p)
	}
	if lines := CPUInfo("processor", "no such key"); len(lines) != 1 || !strings.HasPrefix(lines[0], "processor") {
		t.Errorf("%q", lines)
	}
}
