package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/boundstest"
)

// checkpointMemory bounds what reading a checkpoint of a small run and resuming from it allocates, whatever it says.
const checkpointMemory = 256 << 20

// FuzzCheckpoint replaces a file of a checkpoint by any bytes, as they are and with checksums made right, as a forger
// would. It is refused, or training resumes from it; nothing else is touched.
func FuzzCheckpoint(f *testing.F) {
	r, list := interruptedRun(f)
	dir := checkpointPath(r.Dir, 6)
	names := append([]string{manifestFile}, stateFiles...)
	good := map[string][]byte{}
	for i, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		good[name] = data
		f.Add(uint8(i), data, true)
		f.Add(uint8(i), data[:len(data)/2], false)
	}
	for _, text := range []string{
		`{"format":2,"update":6,"sha256":{"../../../../etc/passwd":"","weights.json":"0"}}`, `{"format":3,"update":6}`,
		`{"update":6}`, `[{"name":"W","data":[1]}]`,
		`[{},{},{}]`, `{"update":6,"carried":[[],[]],"acting":"AAAA"}`, `null`, ``,
	} {
		for i := range names {
			f.Add(uint8(i), []byte(text), true)
		}
	}
	b := backendtest.Open(f, backend.Go)
	others := boundstest.Files(f, filepath.Dir(r.Dir), dir)
	f.Fuzz(func(t *testing.T, which uint8, data []byte, forged bool) {
		name := names[int(which)%len(names)]
		forge(t, dir, good, name, data, forged)
		boundstest.Within(t, checkpointMemory, func() { goOn(t, b, r, list[0].Config) })
		if now := boundstest.Files(t, filepath.Dir(r.Dir), dir); !maps.Equal(now, others) {
			t.Errorf("other files were touched: %v, before %v", now, others)
		}
	})
}

// goOn reads the checkpoint in every way, and trains on from it.
func goOn(t *testing.T, b compute.Backend, r *Run, config drqn.Config) {
	if _, _, err := r.Policy(); err != nil && !errors.Is(err, errNewer) {
		t.Errorf("the checkpoint before is not used: %v", err)
	}
	c, err := r.Checkpoint(6)
	if err != nil {
		return
	}
	trainer, err := drqn.NewTrainer(b, config)
	if err != nil {
		t.Fatal(err)
	}
	if c.withRing(trainer.RingOptions()) != nil || trainer.Restore([]drqn.State{c.State}) != nil {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := trainer.Train(ctx, stopper{cancel}); err == nil && trainer.Update() < int64(config.Updates) {
		t.Error("training ended before its end without an error") // because of NaN, for example
	}
}

// forge writes the good files, except one.
func forge(t *testing.T, dir string, good map[string][]byte, name string, data []byte, checksums bool) {
	t.Helper()
	files := maps.Clone(good)
	files[name] = data
	if checksums {
		var m Manifest
		if json.Unmarshal(files[manifestFile], &m) == nil {
			for file := range m.Files {
				sum := sha256.Sum256(files[file])
				m.Files[file] = hex.EncodeToString(sum[:])
			}
			if text, err := m.encode(); err == nil {
				files[manifestFile] = text
			}
		}
	}
	for file, data := range files {
		path := filepath.Join(dir, file)
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, data) {
			continue
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
