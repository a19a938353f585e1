// Package journal appends JSON lines to a file that other processes read meanwhile, and reads such files: a reader
// sees whole lines only, and a line that cannot be written whole is taken back.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"engram/internal/durable"
)

// A concurrent reader may see only the part of a line that lies in one page. So no line of a Paged journal crosses a
// page: if less than the longest line would remain, the current line is padded to the page's end.
const (
	Page    = 4096
	Longest = 512 // bytes of the longest line of a Paged journal, with its newline
)

// Writer appends JSON lines to a file. It is not safe for concurrent use.
type Writer struct {
	Paged bool // pad lines with spaces, which JSON allows, so that none crosses a page
	file  *os.File
	size  int64
}

// NewWriter returns a Writer that appends to an open file of the given size, where the file's offset must stand.
func NewWriter(file *os.File, size int64) *Writer { return &Writer{file: file, size: size} }

// Open opens a journal to append after its first size bytes, creates it if it is missing, and cuts off what follows
// them. It refuses what is not a regular file.
func Open(path string, size int64) (*Writer, error) {
	file, err := durable.Append(path)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(size); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return NewWriter(file, size), nil
}

// Size returns the length of the file in bytes: that of all whole lines.
func (w *Writer) Size() int64 { return w.size }

// Append writes a value as one line in one write. It takes back what was written of a line that failed.
func (w *Writer) Append(value any) error { return w.append(value, false) }

// AppendFlushed appends like Append, and waits until the line is on the disk. It takes back a line that cannot be
// flushed.
func (w *Writer) AppendFlushed(value any) error { return w.append(value, true) }

func (w *Writer) append(value any, flush bool) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", w.file.Name(), err)
	}
	if left := Page - int(w.size+int64(len(line))+1)%Page; w.Paged && left < Longest {
		line = append(line, bytes.Repeat([]byte{' '}, left)...)
	}
	n, err := w.file.Write(append(line, '\n'))
	if err == nil && flush {
		err = w.Flush()
	}
	if err != nil {
		if n > 0 {
			_, errSeek := w.file.Seek(w.size, io.SeekStart)
			err = errors.Join(err, w.file.Truncate(w.size), errSeek)
		}
		return err
	}
	w.size += int64(n)
	return nil
}

// Flush writes the file to the disk.
func (w *Writer) Flush() error { return durable.Sync(w.file) }

// Stat describes the open file.
func (w *Writer) Stat() (os.FileInfo, error) { return w.file.Stat() }

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }
