package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"path/filepath"

	"engram/internal/durable"
)

// Digest is a fingerprint of a run: two runs that are equal to the last bit have the same.
type Digest struct {
	Run    string `json:"run"`
	Update int64  `json:"update"` // of the newest checkpoint
	SHA256 string `json:"sha256"` // of the parts
	Parts  []Part `json:"parts"`  // each with its own SHA-256, to see in what two runs differ
}

// Part is one of the vectors and files that a digest covers.
type Part struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Digest computes the run's fingerprint. It covers the newest checkpoint's weights, target network and Adam's moments,
// as little-endian float32 in the order of the parameters, and the bytes of metrics.jsonl and evals.jsonl. The whole is
// the SHA-256 of a line "NAME BYTES SHA256" for each.
func (r *Run) Digest() (Digest, error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return Digest{}, err
	}
	if len(updates) == 0 {
		return Digest{}, fmt.Errorf("run %s has no checkpoint yet: let it train on", r.Dir)
	}
	c, err := r.Checkpoint(updates[len(updates)-1])
	if err != nil {
		return Digest{}, err
	}
	d := Digest{Run: r.Dir, Update: c.Update}
	for _, vector := range []struct {
		name string
		data []float32
	}{{"weights", c.State.Weights}, {"target", c.State.Target}, {"first moment", c.State.First}, {"second moment",
		c.State.Second}} {
		data, err := binary.Append(nil, binary.LittleEndian, vector.data)
		if err != nil {
			return d, fmt.Errorf("run %s: %s: %w", r.Dir, vector.name, err)
		}
		if err := d.add(vector.name, bytes.NewReader(data)); err != nil {
			return d, err
		}
	}
	for _, name := range []string{metricsFile, evaluationsFile} {
		if err := d.addFile(name, filepath.Join(r.Dir, name)); err != nil {
			return d, fmt.Errorf("run %s: %w", r.Dir, err)
		}
	}
	whole := sha256.New()
	for _, p := range d.Parts {
		fmt.Fprintf(whole, "%s %d %s\n", p.Name, p.Bytes, p.SHA256)
	}
	d.SHA256 = sumOf(whole)
	return d, nil
}

// longestJournal bounds a journal that Digest reads, in bytes: a million reports need a third of it.
const longestJournal = 1 << 30

// addFile adds a journal as it is now; lines appended meanwhile are left out.
func (d *Digest) addFile(name, path string) error {
	file, size, err := durable.OpenBounded(path, longestJournal)
	if err != nil {
		return err
	}
	defer file.Close()
	return d.add(name, io.LimitReader(file, size))
}

func (d *Digest) add(name string, data io.Reader) error {
	sum := sha256.New()
	size, err := io.Copy(sum, data)
	d.Parts = append(d.Parts, Part{name, size, sumOf(sum)})
	return err
}

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
