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

// Formats of run directories and checkpoints. Each is read, and one that is newer is refused by its number.
const (
	formatWeights = 1 // before there was a number: a checkpoint is weights.json
	formatState   = 2 // a checkpoint is all that training goes on from
)

// The files of a checkpoint.
const (
	weightsFile   = "weights.json"   // the parameters by name
	optimiserFile = "optimiser.json" // target.NAME, first.NAME and second.NAME of each trained parameter
	actingFile    = "acting.json"    // drqn.State
	replayFile    = "replay.bin"     // a snapshot of package replay
	manifestFile  = "manifest.json"
)

// stateFiles are those of a checkpoint of today.
var stateFiles = []string{weightsFile, optimiserFile, actingFile, replayFile}

// Manifest says what a checkpoint holds.
type Manifest struct {
	Format   int               `json:"format"`
	Update   int64             `json:"update"`                     // updates done
	Seconds  float64           `json:"seconds"`                    // trained so far
	Share    *float64          `json:"share_of_ceiling,omitempty"` // in the evaluation of these weights, if there was one
	Journals map[string]int64  `json:"journals"`                   // lengths of the run's JSONL files then, in bytes
	Files    map[string]string `json:"sha256"`                     // by file name
	Checksum string            `json:"checksum"`                   // SHA-256 of this file with an empty checksum
}

// encode is the manifest's file.
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

// intact says whether a manifest's file has the checksum of itself, of whatever format it is.
func intact(data []byte) bool {
	found := checksumField.FindSubmatch(data)
	if found == nil {
		return false
	}
	sum := sha256.Sum256(bytes.Replace(data, found[0], []byte(`"checksum": ""`), 1))
	return hex.EncodeToString(sum[:]) == string(found[1])
}

// readManifest reads the manifest of a checkpoint's folder, which must be as it was written.
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
	if err := json.Unmarshal(data, &head); err != nil {
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
	err = m.complete(path)
	return m, err
}

// complete refuses a manifest that lacks what its format has, and names format 1, whose files do not.
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

// open opens a file of the checkpoint in dir, which must be as it was written and have at most limit bytes.
func (m Manifest) open(dir, name string, limit int64) (*os.File, error) {
	path := filepath.Join(dir, name)
	file, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	size, err := io.Copy(sum, io.LimitReader(file, limit+1))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
	case size > limit:
		err = fmt.Errorf("%s has more than the %d bytes that the run's config can need: it was altered", path, limit)
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
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s is not as it was written: %w", file.Name(), err)
	}
	return nil
}
