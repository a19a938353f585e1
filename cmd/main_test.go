package cmd

import (
	"strings"
	"testing"
)

// TestLateWords checks that only a command that trains speaks of checkpoints and of resuming.
func TestLateWords(t *testing.T) {
	for args, want := range map[string]string{
		"train --run a": "checkpoint", "resume a": "checkpoint", "demo": "checkpoint",
		"suite run --out a": "same command", "sweep run a": "same command", "sweep resume a": "same command",
		"sweep worker a": "same command",
		"digest a":       "before it had ended", "runs a": "before it had ended", "nothing": "before it had ended",
		"": "before it had ended",
	} {
		if words := lateWords(newRoot(), strings.Fields(args)); !strings.Contains(words, want) {
			t.Errorf("%s: %q, want %q", args, words, want)
		}
	}
}
