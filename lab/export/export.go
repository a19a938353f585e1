// Package export writes a run in the formats of other tools: its metrics, evaluations and timing as CSV or as
// TensorBoard's event files, its weights as safetensors or as NumPy's npz, its agent
// as a model of ONNX.
package export

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
	"engram/lab"
)

// file is one file to write.
type file struct {
	name  string // below the export's directory
	data  []byte
	grows bool // readers keep the file open: see grow
}

// formats holds the function that makes the files of each format.
var formats = map[string]func(*lab.Run) ([]file, error){
	"csv": csvFiles, "tensorboard": eventFiles, "safetensors": safetensorsFile, "npz": npzFile, "onnx": onnxFile,
}

// Formats returns the names of the formats.
func Formats() []string { return []string{"csv", "tensorboard", "safetensors", "npz", "onnx"} }

// Write writes a run in a format into a directory, which it creates if needed, and returns the paths of the files.
// Weights are those of the run's newest checkpoint. Each file appears whole and replaces one of the same name, except
// TensorBoard's event files, to which new events are appended.
func Write(r *lab.Run, format, dir string) ([]string, error) {
	make, found := formats[format]
	if !found {
		return nil, fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(Formats(), ", "))
	}
	if err := durable.WritableFolder(dir); err != nil {
		return nil, err
	}
	files, err := make(r)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		var err error
		if f.grows {
			path, err = grow(path, f.data)
		} else {
			err = durable.ReplaceBytes(path, f.data)
		}
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", path, err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths, nil
}

// lines holds the lines of a run's three JSONL files.
type lines struct {
	metrics     []drqn.Metrics
	evaluations []drqn.Evaluation
	timing      []lab.Timing
}

func linesOf(r *lab.Run) (l lines, err error) {
	if l.evaluations, err = r.Evaluations(); err != nil { // first: an evaluation comes after the metrics of its update
		return l, err
	}
	if l.metrics, err = r.Metrics(); err != nil {
		return l, err
	}
	l.timing, err = r.Timing()
	return l, err
}
