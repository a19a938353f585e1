package lab

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
	"engram/mpn"
)

// keepCheckpoints is the number of newest checkpoints that are kept unless a job says otherwise; the best one is kept
// besides.
const keepCheckpoints = 3

// tensor is a named array of numbers: weights.json is a list of them, readable from anywhere.
type tensor struct {
	Name  string    `json:"name"`
	Shape []int     `json:"shape"`
	Data  []float32 `json:"data"` // row-major; float32 in the shortest decimal form that reads back exactly
}

// tensorsOf splits a vector into its parameters, whose names get a prefix. It stops at the end of the vector, which may
// hold only the first parameters.
func tensorsOf(prefix string, params []mpn.Param, vector []float32) []tensor {
	var list []tensor
	for _, p := range params {
		if len(vector) < p.Size() {
			break
		}
		shape := p.Shape
		if shape == nil {
			shape = []int{} // a scalar
		}
		list = append(list, tensor{prefix + p.Name, shape, vector[:p.Size()]})
		vector = vector[p.Size():]
	}
	return list
}

// vectorOf joins the tensors whose names have a prefix, in their order.
func vectorOf(prefix string, list []tensor) []float32 {
	var vector []float32
	for _, t := range list {
		if strings.HasPrefix(t.Name, prefix) {
			vector = append(vector, t.Data...)
		}
	}
	return vector
}

// The prefixes of the vectors in optimiser.json.
const targetPrefix, firstPrefix, secondPrefix = "target.", "first.", "second."

// checkpointPath returns the folder of a run's checkpoint.
func checkpointPath(run string, update int64) string {
	return filepath.Join(run, checkpointsDir, strconv.FormatInt(update, 10))
}

// save writes a state as a checkpoint: into a temporary folder, flushed to the disk, which it then renames, so that a
// checkpoint is there whole or not at all. It calls check, which reports a lost lock, before the rename, and keeps the
// given number of newest checkpoints.
func save(run string, keep int, m Manifest, params []mpn.Param, s *drqn.State, check func() error) error {
	final := checkpointPath(run, s.Update)
	parent := filepath.Dir(final)
	beside, err := durable.MkdirBeside(parent, newPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	if err := write(beside, m, params, s); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	if err := retire(final); err != nil {
		return err
	}
	if err := durable.Rename(beside, final); err != nil {
		return err
	}
	if err := durable.SyncDir(parent); err != nil {
		return err
	}
	return prune(run, cmp.Or(keep, keepCheckpoints))
}

// newPrefix and oldPrefix begin the names of folders that are not yet, or no longer, a checkpoint.
const newPrefix, oldPrefix = ".new-", ".old-"

// write writes the files of a checkpoint into a folder and flushes them to the disk.
func write(dir string, m Manifest, params []mpn.Param, s *drqn.State) error {
	optimiser := slices.Concat(tensorsOf(targetPrefix, params, s.Target), tensorsOf(firstPrefix, params, s.First),
		tensorsOf(secondPrefix, params, s.Second))
	m.Format, m.Update, m.Files = formatState, s.Update, map[string]string{}
	for name, content := range map[string]func(io.Writer) error{
		weightsFile:   encoded(tensorsOf("", params, s.Weights)),
		optimiserFile: encoded(optimiser),
		actingFile:    encoded(s),
		replayFile:    func(w io.Writer) error { _, err := s.Ring.WriteTo(w); return err },
	} {
		var err error
		if m.Files[name], err = writeFlushed(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	data, err := m.encode()
	if err == nil {
		_, err = writeFlushed(filepath.Join(dir, manifestFile),
			func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	return errors.Join(err, durable.SyncDir(dir))
}

func encoded(value any) func(io.Writer) error {
	return func(w io.Writer) error { return json.NewEncoder(w).Encode(value) }
}

// writeFlushed writes a new file, flushes it to the disk and returns its SHA-256.
func writeFlushed(path string, content func(io.Writer) error) (sum string, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	buffered := bufio.NewWriterSize(file, 1<<16)
	err = content(io.MultiWriter(buffered, hash))
	err = cmp.Or(err, buffered.Flush(), durable.Sync(file), file.Close()) // a full disk fails them all
	return hex.EncodeToString(hash.Sum(nil)), err
}

// retire removes a checkpoint: it renames the folder first, so that no reader sees a part of it.
func retire(path string) error {
	if _, err := os.Lstat(path); err != nil {
		return nil
	}
	old, err := durable.MkdirBeside(filepath.Dir(path), oldPrefix)
	if err != nil {
		return err
	}
	return errors.Join(os.Rename(path, filepath.Join(old, filepath.Base(path))), os.RemoveAll(old))
}

// prune removes all checkpoints except the newest ones and the best.
func prune(run string, keep int) error {
	updates, err := checkpointsOf(run)
	if err != nil || len(updates) <= keep {
		return err
	}
	best, _ := bestOf(run, updates)
	for _, update := range updates[:len(updates)-keep] {
		if update != best {
			if err := retire(checkpointPath(run, update)); err != nil {
				return err
			}
		}
	}
	return nil
}

// bestOf returns the checkpoint whose weights earned the largest share of the ceiling in their evaluation, the newest
// of equal ones; found is false if none was evaluated.
func bestOf(run string, updates []int64) (best int64, found bool) {
	best = -1
	var share float64
	for _, update := range updates {
		m, err := readManifest(checkpointPath(run, update), update)
		if err == nil && m.Share != nil && (!found || *m.Share >= share) {
			best, share, found = update, *m.Share, true
		}
	}
	return best, found
}

// removeLeftovers removes the temporary files and folders of processes that died while they wrote or removed a
// checkpoint or replaced a file. The caller holds the run's lock, so that no other process writes checkpoints.
func removeLeftovers(run string) error {
	removeLeftFiles(run)
	entries, err := checkpointEntries(run)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), newPrefix) || strings.HasPrefix(entry.Name(), oldPrefix) {
			if err := os.RemoveAll(filepath.Join(run, checkpointsDir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// pagePrefix begins the names of the unfinished reports that versions before durable.Replace left.
const pagePrefix = ".page-"

// RemoveLeftovers removes the temporary files of processes that died while they replaced a file of the run, such as its
// report, which readers may replace too.
func (r *Run) RemoveLeftovers() { removeLeftFiles(r.Dir) }

func removeLeftFiles(run string) { durable.RemoveLeft(run, durable.BesidePrefix, pagePrefix) }

// checkpointEntries lists the folder of a run's checkpoints, which every run has.
func checkpointEntries(run string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(filepath.Join(run, checkpointsDir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("run %s has no folder %s: %s", run, checkpointsDir, getBack)
	case err != nil:
		return nil, fmt.Errorf("run %s: %w", run, err)
	}
	return entries, nil
}

// checkpointsOf lists the updates of a run's checkpoints in ascending order.
func checkpointsOf(run string) ([]int64, error) {
	entries, err := checkpointEntries(run)
	if err != nil {
		return nil, err
	}
	var updates []int64
	for _, entry := range entries {
		if update, err := strconv.ParseInt(entry.Name(), 10, 64); err == nil && update >= 0 &&
			strconv.FormatInt(update, 10) == entry.Name() {
			updates = append(updates, update)
		}
	}
	slices.Sort(updates)
	return updates, nil
}
