// Package npz writes and reads NumPy's archives of arrays (numpy.savez): a zip of .npy files, stored without
// compression. Its shapes are known at run time only, and its arrays need not fit into memory; Go's libraries for the
// format take the shape from a Go type.
package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Array describes an array of an archive.
type Array struct {
	Name  string
	Type  string // NumPy's: <f4, <f8, <i2, <i4, <i8, |b1, |u1, or <U12 for texts of at most 12 characters
	Shape []int  // empty: a scalar
}

// Count returns the number of values.
func (a Array) Count() int {
	count := 1
	for _, n := range a.Shape {
		count *= n
	}
	return count
}

// Bytes returns the size of the values.
func (a Array) Bytes() int64 { return int64(a.Count()) * int64(itemSize(a.Type)) }

// itemSize returns the bytes of a value, or 0 if the type is not one of Array's.
func itemSize(dtype string) int {
	switch dtype {
	case "<f4", "<i4":
		return 4
	case "<f8", "<i8":
		return 8
	case "<i2":
		return 2
	case "|b1", "|u1":
		return 1
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(dtype, "<U")); err == nil && strings.HasPrefix(dtype, "<U") &&
		n > 0 && n <= 1<<24 {
		return 4 * n
	}
	return 0
}

const (
	magic = "\x93NUMPY\x01\x00"
	align = 64 // of the values in a .npy file
)

// header encodes the head of a .npy file, version 1.0 (numpy/lib/format.py): magic, version, the header's length, and
// the header, which ends at a multiple of 64 bytes.
func (a Array) header() []byte {
	shape := ""
	for _, n := range a.Shape {
		shape += strconv.Itoa(n) + ", "
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", a.Type, shape)
	padding := align - (len(magic)+2+len(header)+1)%align
	header += strings.Repeat(" ", padding) + "\n"
	return append(binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(header))), header...)
}

// Writer writes an archive.
type Writer struct{ zip *zip.Writer }

// NewWriter returns a writer of an archive into w. Close ends it.
func NewWriter(w io.Writer) Writer { return Writer{zip.NewWriter(w)} }

// Create begins an array, whose values, little-endian and row-major, are to be written before the next call.
func (w Writer) Create(a Array) (io.Writer, error) {
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy"}) // stored, as numpy.savez does
	if err != nil {
		return nil, err
	}
	_, err = entry.Write(a.header())
	return entry, err
}

// Put writes an array whose values are a slice, or one number.
func (w Writer) Put(name, dtype string, shape []int, values any) error {
	entry, err := w.Create(Array{name, dtype, shape})
	if err != nil {
		return err
	}
	data, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		return err
	}
	_, err = entry.Write(data)
	return err
}

// PutTexts writes an array of texts. A nil shape writes the first text as a scalar.
func (w Writer) PutTexts(name string, shape []int, texts []string) error {
	longest := 1 // NumPy has no text of length 0
	for _, text := range texts {
		longest = max(longest, len([]rune(text)))
	}
	var values []rune // NumPy pads with zeros
	for _, text := range texts {
		row := make([]rune, longest)
		copy(row, []rune(text))
		values = append(values, row...)
	}
	return w.Put(name, fmt.Sprintf("<U%d", longest), slices.Clone(shape), values)
}

// Close writes the archive's directory.
func (w Writer) Close() error { return w.zip.Close() }
