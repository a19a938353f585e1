package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"engram/internal/durable"
	"engram/internal/strictjson"
)

// Formats of run directories and checkpoints. Each can be read; a newer one is refused by its number.
const (
	formatWeights = 1 // written without a number: a checkpoint is weights.json
	formatState   = 2 // a checkpoint is the whole state of training
)

// The files of a checkpoint.
const (
	weightsFile   = "weights.json"   // the parameters by name
	optimiserFile = "optimiser.json" // target.NAME, first.NAME and second.NAME of each trained parameter
	actingFile    = "acting.json"    // drqn.State
	replayFile    = "replay.bin"     // a snapshot of package replay
	manifestFile  = "manifest.json"
)

// stateFiles lists the files of a checkpoint in the current format, except its manifest.
var stateFiles = []string{weightsFile, optimiserFile, actingFile, replayFile}

// Manifest describes a checkpoint and the sums of its files.
type Manifest struct {
	Format   int               `json:"format"`
	Update   int64             `json:"update"`                     // updates done
	Seconds  float64           `json:"seconds"`                    // trained so far
	Share    *float64          `json:"share_of_ceiling,omitempty"` // in the evaluation of these weights, if any
	Journals map[string]int64  `json:"journals"`                   // lengths of the run's JSONL files at the checkpoint, in bytes
	Files    map[string]string `json:"sha256"`                     // by file name
	Checksum string            `json:"checksum"`                   // SHA-256 of this file with an empty checksum
}

// encode returns the content of the manifest's file, with its checksum.
func (m Manifest) encode() ([]byte, error) {
	m.Checksum = ""
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return bytes.Replace(data, []byte(`"checksum": ""`), fmt.Appendf(nil, `"checksum": "%x"`, sum), 1), nil
}

var checksumField = regexp.MustCompile(`"checksum": "([0-9a-f]{64})"`)

// intact reports whether a manifest's file, of any format, has the checksum of its own content.
func intact(data []byte) bool {
	found := checksumField.FindSubmatch(data)
	if found == nil {
		return false
	}
	sum := sha256.Sum256(bytes.Replace(data, found[0], []byte(`"checksum": ""`), 1))
	return hex.EncodeToString(sum[:]) == string(found[1])
}

// readManifest reads the manifest of a checkpoint's folder, and refuses an altered one.
func readManifest(dir string, update int64) (Manifest, error) {
	path := filepath.Join(dir, manifestFile)
	data, err := durable.Read(path, 1<<16)
	if err != nil {
		return Manifest{}, err
	}
	var head struct{ Format int }
	altered := func(how string) (Manifest, error) {
		return Manifest{}, fmt.Errorf("%s is not as it was written: %s", path, how)
	}
	if err := strictjson.Unmarshal(data, &head); err != nil {
		return altered(err.Error())
	}
	if head.Format != 0 && !intact(data) {
		return altered("its checksum differs")
	}
	if head.Format > formatState {
		return Manifest{}, fmt.Errorf("%s has format %d: %w", path, head.Format, errNewer)
	}
	m, err := strictjson.Decode(bytes.NewReader(data), Manifest{})
	if err != nil {
		return altered(err.Error())
	}
	if m.Update != update {
		return altered(fmt.Sprintf("it says update %d", m.Update))
	}
	return m, m.complete(path)
}

// complete refuses a manifest that lacks a file of its format. It sets Format 1 where the file has no number.
func (m *Manifest) complete(path string) error {
	files := stateFiles
	if m.Format == 0 {
		m.Format, files = formatWeights, []string{weightsFile}
		if m.Checksum != "" {
			return fmt.Errorf("%s is not as it was written: it has no format", path)
		}
	}
	for _, name := range files {
		if m.Files[name] == "" {
			return fmt.Errorf("%s is not as it was written: it does not name %s", path, name)
		}
	}
	return nil
}

// open opens a file of the checkpoint in dir. It refuses one of more than limit bytes or with another checksum.
func (m Manifest) open(dir, name string, limit int64) (*os.File, error) {
	path := filepath.Join(dir, name)
	file, _, err := durable.OpenBounded(path, limit)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, io.LimitReader(file, limit))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
	case hex.EncodeToString(sum.Sum(nil)) != m.Files[name]:
		err = fmt.Errorf("%s was cut or altered: its checksum is not the manifest's", path)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// decode reads a JSON file of the checkpoint in dir, of at most limit bytes.
func (m Manifest) decode(dir, name string, limit int64, into any) error {
	file, err := m.open(dir, name, limit)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return err
	}
	if err := strictjson.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s is not as it was written: %w", file.Name(), err)
	}
	return nil
}
