package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"engram/drqn"
	"engram/lab"
)

// npzFile returns the weights as numpy.load reads them: a zip of .npy files, one for each parameter.
func npzFile(r *lab.Run) ([]file, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, t := range policy.Tensors() {
		data, err := npy(t)
		if err != nil {
			return nil, fmt.Errorf("run %s: %s: %w", r.Dir, t.Name, err)
		}
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: t.Name + ".npy"}) // stored, as numpy.savez does
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Dir, err)
		}
		if _, err := entry.Write(data); err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Dir, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	return []file{{name: "weights.npz", data: out.Bytes()}}, nil
}

// npy encodes a tensor in NumPy's format, version 1.0 (numpy/lib/format.py): magic, version, the header's length, the
// header, which ends at a multiple of 64 bytes, and the numbers, little-endian. Go's libraries for it write only arrays
// whose shape is a Go type.
func npy(t drqn.Tensor) ([]byte, error) {
	const magic, align = "\x93NUMPY\x01\x00", 64
	shape := ""
	for _, n := range t.Shape {
		shape += strconv.Itoa(n) + ", "
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", shape)
	padding := align - (len(magic)+2+len(header)+1)%align
	header += strings.Repeat(" ", padding) + "\n"
	out := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(header)))
	return binary.Append(append(out, header...), binary.LittleEndian, t.Data)
}
