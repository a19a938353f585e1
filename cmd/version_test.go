package cmd

import (
	"regexp"
	"strings"
	"testing"
)

// TestVersion checks that a report of a fault can begin with what --version prints.
func TestVersion(t *testing.T) {
	t.Parallel()
	text := ok(t, "--version")
	for _, line := range []string{`engram +\S+`, `compiler +go1\.\S+`, `machine +\S+/\S+, \d+ cores`,
		`gomlx +v\S+`, `compute +v\S+`, `go-xla +v\S+`, `XLA plugin +\S+ [0-9.]+ \(/.+_cpu_plugin\.so\)`} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(text) {
			t.Errorf("no line is %s:\n%s", line, text)
		}
	}
	if _, said, code := run(t, "--version", "now"); code != 2 || !strings.Contains(said, `"now" does not exist`) {
		t.Errorf("exit %d: %s", code, said)
	}
}
