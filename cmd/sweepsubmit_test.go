package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"engram/sweep"
	"engram/sweep/cluster"
	"engram/sweep/search"
)

// TestSubmitAndWorker checks that a time that is not understood is answered by the forms of a time, and that a worker
// reports by its exit code that its time is over and trials are left, and by 0 that no trial is left.
func TestSubmitAndWorker(t *testing.T) {
	t.Parallel()
	study := filepath.Join(t.TempDir(), "study")
	if err := sweep.Create(study, sweep.Study{Sampler: search.Method{Kind: "halton"}, Trials: 60,
		Goal: sweep.Goal{Kind: "function", Function: "branin", Steps: 2, Milliseconds: 100}}); err != nil {
		t.Fatal(err)
	}
	if _, said, code := run(t, "sweep", "submit", study, "--engine", "slurm", "--time", "2w"); code != 2 ||
		!strings.Contains(said, cluster.TimeForms) {
		t.Errorf("exit %d: %s", code, said)
	}
	if _, said, code := run(t, "sweep", "worker", study, "--minutes", "0.01", "--again"); code != cluster.Again ||
		!strings.Contains(said, "trials are left") {
		t.Errorf("exit %d: %s", code, said)
	}
	if _, said, code := run(t, "sweep", "worker", study, "--minutes", "5", "--again", "--workers", "30"); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}
