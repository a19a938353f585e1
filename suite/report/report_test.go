package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/internal/labtest"
	"engram/suite"
	"engram/suite/suitetest"
)

// TestWrite checks that the page of a suite names what it compares, and that its archive's page is equal to the last
// byte.
func TestWrite(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"GoNogo", "MemoryLength"}, Agents: suite.Cells("mpn", "frozen", "gru"), Seeds: 1,
		Preset: "default"}
	dir := filepath.Join(t.TempDir(), "suite")
	if err := suite.Create(dir, p); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, ""); err == nil || !strings.Contains(err.Error(), "no finished run yet") {
		t.Errorf("a suite without runs: error %v", err)
	}
	dir = suitetest.Train(t, p, labtest.Train)
	packed := filepath.Join(t.TempDir(), "suite")
	if err := suite.Archive(dir, packed); err != nil {
		t.Fatal(err)
	}
	page, again := written(t, dir), written(t, packed)
	if !bytes.Equal(page, again) {
		t.Error("the archive's report differs from the suite's")
	}
	for _, want := range []string{"2 tasks · 3 agents · 1 seed ·", "frozen", "Performance profile",
		"probability to beat mpn", "Regret by memory length", "Learning curves",
		"Note: GoNogo: gru has "} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

// written writes a suite's report and returns it.
func written(t *testing.T, dir string) []byte {
	t.Helper()
	path, err := Write(dir, "")
	if err != nil || path != filepath.Join(dir, "report.html") {
		t.Fatal(path, err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
