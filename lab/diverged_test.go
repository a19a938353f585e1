package lab

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// TestDivergedRun checks that training that diverges says so in one line, keeps the diagnosis with the offending
// windows and the weights from before, and leaves the checkpoints as they were.
func TestDivergedRun(t *testing.T) {
	list := jobs(t, t.TempDir(), 2)
	bad := &list[1].Config
	bad.LearningRate = 1e30 // of the second member only
	_, err := Train(context.Background(), list, backendtest.Open(t, backend.Go), backend.Go, nil)
	dir := list[1].Dir
	if !errors.Is(err, drqn.ErrDiverged) || !strings.Contains(err.Error(), "the loss is NaN") ||
		!strings.Contains(err.Error(), "the diagnosis is in "+dir) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, divergedDir, "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	var d drqn.Divergence
	if err := readJSON(filepath.Join(kept[0], "diagnosis.json"), &d); err != nil || d.Member != 1 ||
		len(d.Windows) == 0 || len(d.Windows[0].Observations) == 0 {
		t.Errorf("the diagnosis is %+v, %v", d, err)
	}
	for i, j := range list {
		r, err := Open(j.Dir)
		if err != nil || r.About.State != Failed || !strings.Contains(r.About.Error, "the loss is NaN") {
			t.Errorf("member %d: %+v, %v", i, r.About, err)
		}
		if others, _ := filepath.Glob(filepath.Join(j.Dir, divergedDir)); i == 0 && len(others) > 0 {
			t.Errorf("member 0 has %v", others)
		}
	}
	if weights, err := os.ReadFile(filepath.Join(kept[0], weightsFile)); err != nil ||
		!bytes.Contains(weights, []byte(`"W_rand"`)) {
		t.Errorf("the weights before the update: %v", err)
	}
}
