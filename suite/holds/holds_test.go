package holds

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"engram/internal/labtest"
	"engram/lab"
	"engram/suite"
	"engram/suite/suitetest"
)

// trained returns the directory of a suite whose runs are trained.
func trained(t *testing.T) string {
	t.Helper()
	return suitetest.Train(t, suite.Plan{Tasks: []string{"GoNogo", "Integration"},
		Agents: suite.Cells("mpn", "frozen"), Seeds: 1}, labtest.Train)
}

// fill returns the lines of a suite and how many runs were analysed for them.
func fill(t *testing.T, dir string) (lines []Line, analysed int) {
	t.Helper()
	lines, err := Fill(t.Context(), dir, 60, func(string) { analysed++ })
	if err != nil {
		t.Fatal(err)
	}
	return lines, analysed
}

// Each run is analysed once; what was stopped is resumed; lines stay when the weights are gone.
func TestFill(t *testing.T) {
	t.Parallel()
	dir := trained(t)
	lines, analysed := fill(t, dir)
	if len(lines) != 4 || analysed != 4 {
		t.Fatalf("%d lines, %d runs analysed, want 4", len(lines), analysed)
	}
	for _, l := range lines {
		mpn := l.Agent == "mpn"
		if (l.Wiped != nil) != mpn || (l.FromState != nil) != mpn || (l.Rest != nil && l.Rest.Exact) != mpn ||
			l.FromH.Last < 0 || l.FromH.Last > 1 || l.Update != 12 || l.Intact.Trials != 60 && mpn {
			t.Errorf("%s of %s: %+v", l.Task, l.Agent, l.Held)
		}
		if e := l.Evidence; (e != nil) != (l.Task == "Integration") || e != nil && ((e.Novel != nil) != mpn ||
			e.AlignedBefore == nil || !(e.Input > 0 && e.Input <= 1) || !(e.Sum >= 0 && e.Sum <= 1)) {
			t.Errorf("%s of %s: evidence %+v", l.Task, l.Agent, e)
		}
	}
	again, analysed := fill(t, dir)
	if analysed != 0 || !reflect.DeepEqual(again, lines) {
		t.Errorf("%d runs were analysed again, or the lines differ", analysed)
	}
	path := filepath.Join(dir, File)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.SplitAfter(string(data), "\n")
	if err := os.WriteFile(path, []byte(whole[0]+whole[2]), 0o644); err != nil { // stopped earlier
		t.Fatal(err)
	}
	if again, analysed = fill(t, dir); analysed != 2 || !reflect.DeepEqual(again, lines) {
		t.Errorf("%d runs were analysed, want the two that were missing", analysed)
	}
	packed := filepath.Join(t.TempDir(), "packed")
	if err := suite.Archive(dir, packed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(packed, File), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if again, analysed = fill(t, packed); analysed != 0 || !reflect.DeepEqual(again, lines) {
		t.Errorf("packed: %d lines, %d runs analysed", len(again), analysed)
	}
	for _, table := range [][][]string{Table(lines).Rows, EvidenceTable(lines).Rows} {
		for _, row := range table {
			if row[2] != "1" || !strings.HasSuffix(row[3], "%") {
				t.Errorf("row %q", row)
			}
		}
	}
	if n := len(EvidenceTable(lines).Rows); n != 2 {
		t.Errorf("%d rows of evidence, want the 2 of Integration", n)
	}
}

// Damaged lines, newer formats, and what is no suite are refused by name.
func TestRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\"format\":1}\n{\"for": File + ", line 2", "{\"format\":2}\n": "unknown format 2: use a newer engram",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Fill(t.Context(), dir, 60, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Fill(t.Context(), t.TempDir(), 60, nil); err == nil || !strings.Contains(err.Error(), "not a suite") {
		t.Errorf("error %v", err)
	}
}

// A damaged checkpoint is one error that names the run.
func TestDamagedRun(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn"), Seeds: 1}
	dir := suitetest.Train(t, p, labtest.Train)
	run, err := lab.Open(filepath.Join(dir, "GoNogo", "mpn", "seed-0"))
	if err != nil {
		t.Fatal(err)
	}
	updates, err := run.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, update := range updates {
		c, err := run.Checkpoint(update)
		if err == nil {
			err = os.WriteFile(filepath.Join(c.Dir, "weights.json"), []byte("[]"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = Fill(t.Context(), dir, 60, func(string) {})
	if err == nil || !strings.Contains(err.Error(), filepath.Join("GoNogo", "mpn", "seed-0")) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

// Medians stand with the least and the greatest.
func TestSpread(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]float64{"–": nil, "2.0": {2}, "2.5 (1.0 to 4.0)": {4, 1, 2, 3},
		"3.0 (1.0 to 9.0)": {9, 3, 1}} {
		if got := spread("%.1f", list); got != want {
			t.Errorf("%v is %q, want %q", list, got, want)
		}
	}
}
