package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSuiteRunJSON checks that the JSON reports how many runs of a suite are finished.
func TestSuiteRunJSON(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "suite")
	text := hasFields(t, "suite run --json "+smallSuite+" --seeds 2 --out "+dir, "format suite runs finished")
	if want := `"runs":2,"finished":2}` + "\n"; !strings.HasSuffix(text, want) {
		t.Errorf("it prints %q, want %q at its end", text, want)
	}
}

// TestOneSeed checks that the table of a suite with one seed each has no interval in any of its forms.
func TestOneSeed(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"--json", "--csv", "--md", "--by-agent"} {
		if text := ok(t, "suite", "table", "../results/session-timing", form); strings.Contains(text,
			"0.989 to 0.989") || form == "--json" && !strings.Contains(text, `"low":null,"high":null`) {
			t.Errorf("%s: %s", form, text)
		}
	}
}

// Cells of different sizes are noticed, and matched where that is asked for.
func TestSuiteMatchParameters(t *testing.T) {
	t.Parallel()
	args := append(strings.Fields("suite run --seeds 1 --cells mpn,gru "+smallSuite), "--out",
		filepath.Join(t.TempDir(), "suite"))
	if _, errs, code := run(t, args...); code != 0 || !strings.Contains(errs, "--match-parameters") {
		t.Errorf("exit %d, %q", code, errs)
	}
	args[len(args)-1] = filepath.Join(t.TempDir(), "matched")
	args = append(args, "--match-parameters", "--set", "hidden=20")
	if _, errs, code := run(t, args...); code != 0 || strings.Contains(errs, "trainable parameters") {
		t.Errorf("exit %d, %q", code, errs)
	}
}
