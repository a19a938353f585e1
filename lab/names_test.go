package lab

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNoOtherRunIsTouched checks that a run whose file names another run cannot have that one trained, because the
// other does not name it.
func TestNoOtherRunIsTouched(t *testing.T) {
	dir := t.TempDir()
	victim, forged := train(t, filepath.Join(dir, "victim")), train(t, filepath.Join(dir, "forged"))
	for _, path := range []string{"../victim", victim.Dir} {
		forged.About.Population = []string{".", path}
		if err := writeJSON(filepath.Join(forged.Dir, runFile), forged.About); err != nil {
			t.Fatal(err)
		}
		if _, _, err := JobsOf(forged.Dir); err == nil || !strings.Contains(err.Error(), "does not name it") {
			t.Errorf("trained together with %s: error %v", path, err)
		}
	}
}
