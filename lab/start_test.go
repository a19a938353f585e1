package lab

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
)

// startOf returns the start of a config from a run that was trained for the test.
func startOf(t *testing.T, r *Run, c drqn.Config) *Start {
	t.Helper()
	s, err := r.StartFrom(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A run begins with another run's weights, says which, and keeps them; stopped before its first
// checkpoint and after one, it comes to the same bytes.
func TestStartFrom(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.Go)
	top := t.TempDir()
	source := train(t, filepath.Join(top, "source"))
	c := drqntest.Small(t)
	c.Seed, c.CheckpointEvery, c.Readout = 3, 4, 5 // with a readout, other layers follow the cell
	c.Dueling = true
	if _, err := source.StartFrom(c); err == nil || strings.Count(err.Error(), "\n") > 0 ||
		!strings.Contains(err.Error(), "do not fit: Wr is 128 x 6 there and 5 x 6 here") {
		t.Fatalf("error %v", err)
	}
	c.Readout = source.Config.Readout
	job := Job{Dir: filepath.Join(top, "straight"), Config: c, Start: startOf(t, source, c)}
	if s := job.Start; !slices.Contains(s.Taken, "W") || !slices.Equal(s.Fresh, []string{"Wv", "bv"}) ||
		len(s.Left) > 0 {
		t.Fatalf("%s", s)
	}
	w := &witness{}
	runs, err := Train(t.Context(), []Job{job}, b, backend.Go, w)
	if err != nil {
		t.Fatal(err)
	}
	if want := "begins with weights of " + source.Dir + " after update 12: "; !slices.ContainsFunc(w.notices,
		func(line string) bool { return strings.Contains(line, want) && strings.Contains(line, "anew: Wv, bv") }) {
		t.Errorf("notices %q, want %q", w.notices, want)
	}
	evaluations, err := runs[0].Evaluations()
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(top, "random")
	if _, err := Train(t.Context(), []Job{{Dir: plain, Config: c}}, b, backend.Go, nil); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(results(t, plain)["metrics.jsonl"], results(t, job.Dir)["metrics.jsonl"]) {
		t.Errorf("the run is the one that begins with random weights; its evaluations %+v", evaluations)
	}
	taken, err := runs[0].startTensors()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(source.Dir); err != nil { // it is needed no more
		t.Fatal(err)
	}
	stopped := job
	stopped.Dir = filepath.Join(top, "stopped")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(cancelled, []Job{stopped}, b, backend.Go, nil); err == nil {
		t.Fatal("a cancelled training succeeds")
	}
	begun, err := Open(stopped.Dir)
	if err != nil {
		t.Fatal(err)
	}
	first, err := begun.Checkpoint(0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := vectorOf("", taken)
	if at := slices.Index(first.State.Weights, theirs[0]); at < 0 || !slices.Equal(first.State.Target,
		first.State.Weights[:len(first.State.Target)]) {
		t.Errorf("the weights, or the target network, are not those that the run begins with")
	}
	if err := os.RemoveAll(filepath.Join(stopped.Dir, checkpointsDir, "0")); err != nil { // as if killed before it
		t.Fatal(err)
	}
	stopped.Start = nil // the run has its own
	trainTo(t, b, []Job{stopped}, 6)
	if _, err := Train(t.Context(), []Job{stopped}, b, backend.Go, nil); err != nil {
		t.Fatal(err)
	}
	equalRuns(t, "stopped twice", []Job{stopped}, []Job{job})
}

// An existing run is not begun again with other weights, and altered ones are refused.
func TestOtherStart(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.Go)
	top := t.TempDir()
	source := train(t, filepath.Join(top, "source"))
	other := drqntest.Small(t)
	other.Seed = 1
	job := Job{Dir: filepath.Join(top, "run"), Config: other, Start: startOf(t, source, other)}
	random := Job{Dir: filepath.Join(top, "random"), Config: other}
	for _, j := range []Job{job, random} {
		if _, err := Train(t.Context(), []Job{j}, b, backend.Go, nil); err != nil {
			t.Fatal(err)
		}
	}
	third, err := Open(random.Dir)
	if err != nil {
		t.Fatal(err)
	}
	again := job
	again.Start = startOf(t, third, other)
	random.Start = job.Start
	for want, j := range map[string]Job{"began with other weights": again, "began with random weights": random} {
		_, err := Train(t.Context(), []Job{j}, b, backend.Go, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	altered := filepath.Join(top, "altered")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = Train(cancelled, []Job{{Dir: altered, Config: other, Start: job.Start}}, b, backend.Go, nil)
	if err := os.RemoveAll(filepath.Join(altered, checkpointsDir, "0")); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(altered, startFile), " ")
	_, err = Train(t.Context(), []Job{{Dir: altered, Config: other}}, b, backend.Go, nil)
	if err == nil || !strings.Contains(err.Error(), "start.json was cut or altered") {
		t.Errorf("error %v", err)
	}
	gru := other
	gru.Cell = "gru"
	if _, err := source.StartFrom(gru); err == nil || !strings.Contains(err.Error(), "use cell = mpn") {
		t.Errorf("error %v", err)
	}
}
