package export

import (
	"bytes"
	"fmt"

	"engram/internal/npz"
	"engram/lab"
)

// npzFile returns the weights as numpy.load reads them: a zip of .npy files, one for each parameter.
func npzFile(r *lab.Run) ([]file, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	archive := npz.NewWriter(&out)
	for _, t := range policy.Tensors() {
		if err := archive.Put(t.Name, "<f4", t.Shape, t.Data); err != nil {
			return nil, fmt.Errorf("run %s: %s: %w", r.Dir, t.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	return []file{{name: "weights.npz", data: out.Bytes()}}, nil
}
