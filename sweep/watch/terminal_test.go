package watch

import (
	"path/filepath"
	"strings"
	"testing"

	"engram/sweep"
	"engram/sweep/search"
)

// What the terminal shows has the line and a row for each trial, as many as fit.
func TestTheTerminalShowsTheTrials(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "study")
	s := sweep.Study{Version: sweep.Version, Goal: sweep.Goal{Kind: "function", Function: "branin"},
		Sampler: search.Method{Kind: "random"}, Trials: 5}
	if f, err := search.FunctionOf("branin"); err != nil {
		t.Fatal(err)
	} else {
		s.Space = f.Space
	}
	if err := sweep.Create(dir, s); err != nil {
		t.Fatal(err)
	}
	if err := sweep.Work(t.Context(), dir, sweep.Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := sweep.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := text(r, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(shown, "5 trials: 5 complete") || strings.Count(shown, "complete") != 1+3 ||
		!strings.Contains(shown, "branin") {
		t.Errorf("%s", shown)
	}
}
