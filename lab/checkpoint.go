package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"engram/drqn"
	"engram/mpn"
)

// The files of a checkpoint.
const (
	weightsFile  = "weights.json"
	manifestFile = "manifest.json"
)

// tensor is a named array of numbers: weights.json is a list of them, readable from anywhere.
type tensor struct {
	Name  string    `json:"name"`
	Shape []int     `json:"shape"`
	Data  []float32 `json:"data"` // row-major; float32 in the shortest decimal form that reads back exactly
}

// manifest says what a checkpoint holds.
type manifest struct {
	Update int64             `json:"update"`
	Files  map[string]string `json:"sha256"` // by file name
}

// saveCheckpoint writes weights [P] beside and renames them to checkpoints/STEP.
func saveCheckpoint(dir string, update int64, params []mpn.Param, weights []float32) error {
	final := filepath.Join(dir, checkpointsDir, strconv.FormatInt(update, 10))
	beside, err := os.MkdirTemp(filepath.Dir(final), ".new-*")
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", final, err)
	}
	defer os.RemoveAll(beside)
	data, err := json.Marshal(tensorsOf(params, weights))
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", final, err)
	}
	sum := sha256.Sum256(data)
	err = errors.Join(
		os.Chmod(beside, 0o755),
		Replace(filepath.Join(beside, weightsFile), data),
		writeJSON(filepath.Join(beside, manifestFile), manifest{update, map[string]string{weightsFile: hex.EncodeToString(sum[:])}}),
	)
	if err == nil {
		err = os.RemoveAll(final)
	}
	if err == nil {
		err = os.Rename(beside, final)
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", final, err)
	}
	return nil
}

func tensorsOf(params []mpn.Param, weights []float32) []tensor {
	var list []tensor
	for _, p := range params {
		shape := p.Shape
		if shape == nil {
			shape = []int{} // a scalar
		}
		list = append(list, tensor{p.Name, shape, weights[:p.Size()]})
		weights = weights[p.Size():]
	}
	return list
}

// lastCheckpoint is the folder of the newest checkpoint.
func (r *Run) lastCheckpoint() (string, error) {
	entries, err := os.ReadDir(filepath.Join(r.Dir, checkpointsDir))
	if err != nil {
		return "", fmt.Errorf("run %s: %w", r.Dir, err)
	}
	last := int64(-1)
	for _, entry := range entries {
		if update, err := strconv.ParseInt(entry.Name(), 10, 64); err == nil {
			last = max(last, update)
		}
	}
	if last < 0 {
		return "", fmt.Errorf("run %s has no checkpoint yet: let it train to its end", r.Dir)
	}
	return filepath.Join(r.Dir, checkpointsDir, strconv.FormatInt(last, 10)), nil
}

// Policy is the agent of the run's newest checkpoint. A checkpoint that was cut or altered is refused by name.
func (r *Run) Policy() (policy *drqn.Policy, update int64, err error) {
	dir, err := r.lastCheckpoint()
	if err != nil {
		return nil, 0, err
	}
	var m manifest
	if err := readJSON(filepath.Join(dir, manifestFile), &m); err != nil {
		return nil, 0, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	path := filepath.Join(dir, weightsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != m.Files[weightsFile] {
		return nil, 0, fmt.Errorf("%s was cut or altered: its checksum is not the manifest's; remove the folder to use an earlier checkpoint", path)
	}
	var list []tensor
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	var weights []float32
	for _, t := range list {
		weights = append(weights, t.Data...)
	}
	if policy, err = drqn.NewPolicy(r.Config, weights); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	return policy, m.Update, nil
}
