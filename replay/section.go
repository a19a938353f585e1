package replay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

// chunkElements is how many elements of an array are written or read at a time.
const chunkElements = 1 << 14

// section is one array of a snapshot, to be written from or read into.
type section struct {
	name  string
	write func(io.Writer) error
	read  func(io.Reader) error
}

// values returns the section of an array of fixed-size elements, which may be in pieces.
func values[E any](name string, pieces ...[]E) section {
	each := func(do func(chunk []E) error) error {
		for _, data := range pieces {
			for chunk := range slices.Chunk(data, chunkElements) {
				if err := do(chunk); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return section{
		name: name,
		write: func(w io.Writer) error {
			return each(func(c []E) error { return binary.Write(w, binary.LittleEndian, c) })
		},
		read: func(r io.Reader) error {
			return each(func(c []E) error { return binary.Read(r, binary.LittleEndian, c) })
		},
	}
}

func newChecksum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// sectionWriter writes sections; after its first error it writes nothing more.
type sectionWriter struct {
	w   *bufio.Writer
	n   int64
	err error
}

func newSectionWriter(w io.Writer) *sectionWriter { return &sectionWriter{w: bufio.NewWriter(w)} }

// Write counts what is written.
func (s *sectionWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	return n, err
}

func (s *sectionWriter) bytes(p []byte) {
	if s.err == nil {
		_, s.err = s.Write(p)
	}
}

func (s *sectionWriter) section(data section) {
	if s.err != nil {
		return
	}
	sum := newChecksum()
	s.err = data.write(io.MultiWriter(s, sum))
	s.bytes(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
}

func (s *sectionWriter) close() (int64, error) {
	if s.err == nil {
		s.err = s.w.Flush()
	}
	return s.n, s.err
}

// sectionReader reads what a sectionWriter wrote.
type sectionReader struct{ r io.Reader }

func newSectionReader(r io.Reader) *sectionReader { return &sectionReader{r} }

// magic reads the beginning of a snapshot and returns its version.
func (s *sectionReader) magic() (version byte, err error) {
	start := make([]byte, len(snapshotMagic)+1)
	if _, err := io.ReadFull(s.r, start); err != nil || string(start[:len(snapshotMagic)]) != snapshotMagic {
		return 0, errors.New("replay: this is not a snapshot of a replay buffer: it begins with other bytes")
	}
	version = start[len(snapshotMagic)]
	if version != versionPlain && version != versionPrioritized {
		return 0, fmt.Errorf("replay: the snapshot has version %d, and this program reads versions %d and %d", version,
			versionPlain, versionPrioritized)
	}
	return version, nil
}

func (s *sectionReader) section(data section) error {
	sum := newChecksum()
	var want uint32
	err := data.read(io.TeeReader(s.r, sum))
	if err == nil {
		err = binary.Read(s.r, binary.LittleEndian, &want)
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("replay: the snapshot is cut short in its section %q: take an earlier one", data.name)
	case err != nil:
		return fmt.Errorf("replay: the snapshot's section %q could not be read: %w", data.name, err)
	case want != sum.Sum32():
		return fmt.Errorf("replay: the snapshot's section %q was altered (its checksum differs): take an earlier one",
			data.name)
	}
	return nil
}

// end returns an error if anything follows the last section.
func (s *sectionReader) end() error {
	if n, _ := s.r.Read(make([]byte, 1)); n > 0 {
		return errors.New("replay: the snapshot has more bytes after its last section: it was altered")
	}
	return nil
}
