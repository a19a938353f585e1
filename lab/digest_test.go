package lab

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
)

// TestDigest checks that equal runs have one digest, and that each thing that it covers changes it.
func TestDigest(t *testing.T) {
	a, b := train(t, filepath.Join(t.TempDir(), "a")), train(t, filepath.Join(t.TempDir(), "b"))
	digest := func(r *Run) Digest {
		t.Helper()
		d, err := r.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := digest(a)
	if got := digest(b); got.SHA256 != want.SHA256 || !slices.Equal(got.Parts, want.Parts) || got.Update != 12 ||
		len(got.SHA256) != 64 {
		t.Errorf("two equal runs: %+v and %+v", got, want)
	}
	for _, name := range []string{metricsFile, evaluationsFile} {
		path := filepath.Join(b.Dir, name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(slices.Clone(good), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := digest(b); got.SHA256 == want.SHA256 || different(got, want) != name {
			t.Errorf("with another %s: %+v", name, got)
		}
		if err := os.WriteFile(path, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := drqntest.Small(t)
	c.Seed++
	others, err := Train(context.Background(), []Job{{Dir: filepath.Join(t.TempDir(), "other"), Config: c}},
		backendtest.Open(t, backend.Go), backend.Go, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := different(digest(others[0]),
		want); got != "weights target first moment second moment metrics.jsonl evals.jsonl" {
		t.Errorf("with another seed these differ: %s", got)
	}
}

// different names the parts in which two digests differ.
func different(a, b Digest) string {
	var names []string
	for i := range a.Parts {
		if a.Parts[i] != b.Parts[i] {
			names = append(names, a.Parts[i].Name)
		}
	}
	return strings.Join(names, " ")
}

// TestDigestOfWeightsOnly checks that a run of an earlier format says why it has none.
func TestDigestOfWeightsOnly(t *testing.T) {
	r, err := Open("testdata/run-2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Digest(); err == nil || !strings.Contains(err.Error(), "weights only") {
		t.Errorf("error %v", err)
	}
}
