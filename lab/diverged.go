package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"engram/drqn"
)

// divergedDir holds, by update, the diagnosis of an update that produced NaN or Inf.
const divergedDir = "diverged"

func divergencePath(run string, update int64) string {
	return filepath.Join(run, divergedDir, strconv.FormatInt(update, 10))
}

// keepDivergence writes diagnosis.json, which names the value, its place and the windows, and weights.json, the weights
// before the update. The checkpoints stay as they are.
func (r *opened) keepDivergence(d *drqn.Divergence, weights []tensor) error {
	dir := divergencePath(r.Dir, d.Update)
	err := errors.Join(os.MkdirAll(dir, 0o777), writeJSON(filepath.Join(dir, "diagnosis.json"), d),
		writeJSON(filepath.Join(dir, weightsFile), weights))
	if err != nil {
		return fmt.Errorf("the diagnosis could not be written: %w", err)
	}
	return nil
}
