package lab

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReportEscapes: what comes from outside, the name of the run's directory and what its files say, is text in the
// report.
func TestReportEscapes(t *testing.T) {
	const evil = `<script>alert(1)<\u002fscript><img src=x onerror=alert(2)>` // a slash cannot be in a name
	r := train(t, filepath.Join(t.TempDir(), strings.ReplaceAll(evil, `\u002f`, "")))
	r.About.Backend, r.About.State = evil, evil

	for _, name := range []string{metricsFile, evaluationsFile} {
		path := filepath.Join(r.Dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), "GoNogo", evil)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path, err := r.Report(context.Background(), filepath.Join(t.TempDir(), "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<script>alert", "<img src=x"} {
		if strings.Contains(string(page), part) {
			t.Errorf("%q came through", part)
		}
	}
	if !strings.Contains(string(page), "&lt;script&gt;alert(1)") {
		t.Error("the names do not show")
	}
}

// TestNoOtherRunIsTouched: a run's file cannot have another run trained on, which does not name it.
func TestNoOtherRunIsTouched(t *testing.T) {
	dir := t.TempDir()
	victim, forged := train(t, filepath.Join(dir, "victim")), train(t, filepath.Join(dir, "forged"))
	for _, path := range []string{"../victim", victim.Dir} {
		forged.About.Population = []string{".", path}
		if err := writeJSON(filepath.Join(forged.Dir, runFile), forged.About); err != nil {
			t.Fatal(err)
		}
		if _, _, err := JobsOf(forged.Dir); err == nil || !strings.Contains(err.Error(), "does not say so") {
			t.Errorf("trained together with %s: error %v", path, err)
		}
	}
}
