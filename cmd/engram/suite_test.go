package main

import (
	"strings"
	"testing"
)

// TestOneSeed: the table of a suite with one seed each has no interval in any of its forms.
func TestOneSeed(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"--json", "--csv", "--md", "--by-agent"} {
		if text := ok(t, "suite", "table", "../../results/session-timing", form); strings.Contains(text,
			"0.989 to 0.989") || form == "--json" && !strings.Contains(text, `"low":null,"high":null`) {
			t.Errorf("%s: %s", form, text)
		}
	}
}
