package lab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is said of a path without a run never advises a training that would be refused.
func TestAdviceWithoutRun(t *testing.T) {
	t.Parallel()
	r, _ := interruptedRun(t)
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	if err := errors.Join(os.Mkdir(full, 0o755), os.WriteFile(filepath.Join(full, "thesis"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/dev/null":                            "/dev/null is not a directory: name a run's",
		filepath.Join(r.Dir, metricsFile):      "is not a directory: name a run's",
		filepath.Join(r.Dir, metricsFile, "x"): "it lies in the run " + r.Dir + ": name that",
		filepath.Join(r.Dir, checkpointsDir):   "it lies in the run " + r.Dir + ": name that",
		full:                                   "name a run directory, or a directory that holds some",
		filepath.Join(dir, "new"):              "'engram train --run " + filepath.Join(dir, "new") + "' ",
	} {
		_, opened := Open(path)
		for _, err := range []error{opened, HoldsNone(path)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", path, err, want)
			}
		}
	}
}
