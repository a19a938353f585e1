package npz

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"engram/internal/durable"
)

// File is an archive that is open for reading.
type File struct {
	file    *os.File
	entries map[string]*zip.File
}

// Open opens an archive. One that was cut short has no directory, which is an error.
func Open(path string) (*File, error) {
	file, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := newFile(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

func newFile(file *os.File) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, err
	}
	f := &File{file: file, entries: map[string]*zip.File{}}
	for _, entry := range archive.File {
		name, isArray := strings.CutSuffix(entry.Name, ".npy")
		switch {
		case !isArray || f.entries[name] != nil:
			return nil, fmt.Errorf("entry %q is no array of its own", entry.Name)
		case entry.Method != zip.Store || entry.UncompressedSize64 > uint64(info.Size()):
			return nil, fmt.Errorf("entry %q is compressed: write it with numpy.savez", entry.Name)
		}
		f.entries[name] = entry
	}
	return f, nil
}

// Close closes the archive.
func (f *File) Close() error { return f.file.Close() }

// Has reports whether the archive has an array.
func (f *File) Has(name string) bool { return f.entries[name] != nil }

// Names returns the names of the arrays, in no order.
func (f *File) Names() (names []string) {
	for name := range f.entries {
		names = append(names, name)
	}
	return names
}

var headerForm = regexp.MustCompile(
	`^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(((?:\d{1,15}, ?)*\d{0,15})\),? *\} *\n$`)

// parse reads the header of an array.
func parse(name, header string) (Array, error) {
	parts := headerForm.FindStringSubmatch(header)
	if parts == nil {
		return Array{}, fmt.Errorf("array %s: unknown header %q", name, header)
	}
	a := Array{Name: name, Type: parts[1]}
	for n := range strings.SplitSeq(parts[2], ",") {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		size, err := strconv.Atoi(n)
		if err != nil {
			return Array{}, fmt.Errorf("array %s: %w", name, err)
		}
		a.Shape = append(a.Shape, size)
	}
	if itemSize(a.Type) == 0 {
		return Array{}, fmt.Errorf("array %s: unknown type %q", name, a.Type)
	}
	return a, nil
}

// Array opens an array for reading its values. Its size agrees with its shape.
func (f *File) Array(name string) (Array, io.ReadCloser, error) {
	entry := f.entries[name]
	if entry == nil {
		return Array{}, nil, fmt.Errorf("array %s is missing", name)
	}
	opened, err := entry.Open()
	if err != nil {
		return Array{}, nil, fmt.Errorf("array %s: %w", name, err)
	}
	a, err := f.begin(name, entry, opened)
	if err != nil {
		return Array{}, nil, errors.Join(err, opened.Close())
	}
	return a, opened, nil
}

// begin reads the head of an array.
func (f *File) begin(name string, entry *zip.File, r io.Reader) (Array, error) {
	head := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return Array{}, fmt.Errorf("array %s: %w", name, err)
	}
	if string(head[:len(magic)]) != magic {
		return Array{}, fmt.Errorf("array %s does not begin as a .npy file of version 1.0", name)
	}
	text := make([]byte, binary.LittleEndian.Uint16(head[len(magic):]))
	if _, err := io.ReadFull(r, text); err != nil {
		return Array{}, fmt.Errorf("array %s: %w", name, err)
	}
	a, err := parse(name, string(text))
	if err != nil {
		return Array{}, err
	}
	left, item := entry.UncompressedSize64-uint64(len(head)+len(text)), uint64(itemSize(a.Type))
	for _, n := range a.Shape {
		if n > 0 && item > left/uint64(n) {
			return Array{}, fmt.Errorf("array %s of shape %v has only %d bytes", name, a.Shape, left)
		}
		item *= uint64(n)
	}
	if item != left {
		return Array{}, fmt.Errorf("array %s of shape %v has %d bytes", name, a.Shape, left)
	}
	return a, nil
}

// Read returns the values of an array, which must have the type dtype.
func Read[V bool | uint8 | int16 | int32 | int64 | float32 | float64](f *File, name, dtype string) (Array, []V, error) {
	a, r, err := f.Array(name)
	if err != nil {
		return a, nil, err
	}
	defer r.Close()
	if a.Type != dtype {
		return a, nil, fmt.Errorf("array %s has the type %q, not %q", name, a.Type, dtype)
	}
	values, err := readValues[V](r, a)
	return a, values, err
}

// readValues reads the values of an array, and to the end of its entry, where the checksum is compared.
func readValues[V any](r io.Reader, a Array) ([]V, error) {
	const each = 1 << 16
	values, buffered := make([]V, a.Count()), bufio.NewReaderSize(r, 1<<20)
	for rest := values; len(rest) > 0; rest = rest[min(each, len(rest)):] {
		if err := binary.Read(buffered, binary.LittleEndian, rest[:min(each, len(rest))]); err != nil {
			return nil, fmt.Errorf("array %s: %w", a.Name, err)
		}
	}
	if _, err := io.Copy(io.Discard, buffered); err != nil {
		return nil, fmt.Errorf("array %s: %w", a.Name, err)
	}
	return values, nil
}

// ReadTexts returns the texts of an array.
func ReadTexts(f *File, name string) (Array, []string, error) {
	a, r, err := f.Array(name)
	if err != nil {
		return a, nil, err
	}
	defer r.Close()
	if !strings.HasPrefix(a.Type, "<U") {
		return a, nil, fmt.Errorf("array %s has the type %q, not texts", name, a.Type)
	}
	length := itemSize(a.Type) / 4
	runes, err := readValues[int32](r, Array{Name: name, Shape: []int{a.Count(), length}})
	if err != nil {
		return a, nil, err
	}
	texts := make([]string, a.Count())
	for i := range texts {
		texts[i] = strings.TrimRight(string(runes[i*length:][:length]), "\x00")
	}
	return a, texts, nil
}
