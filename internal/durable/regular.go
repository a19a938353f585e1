package durable

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// NotRegular is the error of opening a FIFO, a device, a socket or a folder in the place of a regular file.
type NotRegular struct {
	Path string
	Mode fs.FileMode
}

// Error implements error.
func (e NotRegular) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file: name another", e.Path, kindOf(e.Mode))
}

// TooLarge is the error of opening a file that has more bytes than its reader accepts.
type TooLarge struct {
	Path        string
	Size, Limit int64
}

// Error implements error.
func (e TooLarge) Error() string {
	return fmt.Sprintf("%s has %d bytes, more than the %d that such a file may have: it was altered", e.Path, e.Size,
		e.Limit)
}

// Open opens a regular file for reading. It returns NotRegular for anything else, without waiting for the writer of a
// FIFO.
func Open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = NotRegular{path, info.Mode()}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// OpenBounded opens a regular file of at most limit bytes for reading, and returns its size. It returns TooLarge for a
// larger one. The file may still grow: a reader must read no more than the size.
func OpenBounded(path string, limit int64) (file *os.File, size int64, err error) {
	if file, err = Open(path); err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > limit {
		err = TooLarge{path, info.Size(), limit}
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Missing is the error, in words of its own, of something that is made of files and is not there. It wraps
// fs.ErrNotExist.
type Missing string

// Error implements error.
func (m Missing) Error() string { return string(m) }

// Unwrap returns fs.ErrNotExist.
func (Missing) Unwrap() error { return fs.ErrNotExist }

// Exists reports whether a directory has something of that name, be it a dangling link.
func Exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// Read returns the content of a regular file, or TooLarge if it has more than limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	file, _, err := OpenBounded(path, limit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1)) // it may grow meanwhile
	if err == nil && int64(len(data)) > limit {
		err = TooLarge{path, int64(len(data)), limit}
	}
	return data, err
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// Append opens a regular file for writing at its end, and creates it if it is missing, with permissions 0666 less the
// umask. It returns NotRegular for anything else, without waiting for the reader of a FIFO.
func Append(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, NotRegular{path, info.Mode()}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY|nonBlocking, 0o666)
}
