package durable

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// BesidePrefix begins the names of the files that Replace writes beside the one they replace. A process that is killed
// may leave one; RemoveLeft removes it.
const BesidePrefix = ".new-"

// Replace replaces the file at path by what write writes: beside it first, flushed to the disk, then renamed. A reader
// sees the file whole, as it was or as it is. The permissions are 0666 less the umask.
func Replace(path string, write func(io.Writer) error) error {
	dir := filepath.Dir(path)
	file, err := createLocked(dir, BesidePrefix)
	if err != nil {
		return err
	}
	defer file.Close() // after the renaming: until then its lock says that its writer lives
	if err = errors.Join(write(file), Sync(file)); err == nil {
		err = Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return SyncDir(dir)
}

// ReplaceBytes replaces the file at path by data, as Replace does.
func ReplaceBytes(path string, data []byte) error {
	return Replace(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// CreateBeside creates a new file in dir whose name is prefix and a random number, with permissions 0666 less the umask
// (os.CreateTemp gives 0600, whatever the umask).
func CreateBeside(dir, prefix string) (*os.File, error) {
	for {
		path := filepath.Join(dir, besideName(prefix))
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return file, err
		}
	}
}

// SyncDir flushes the names in dir to the disk, so that a file renamed into it keeps its name over a power cut. A file
// system that cannot flush a directory is left alone.
func SyncDir(dir string) error {
	tell("syncdir", dir)
	open, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(open.Sync()), open.Close())
}

// MkdirBeside makes a new folder in dir whose name is prefix and a random number, with permissions 0777 less the umask
// (os.MkdirTemp gives 0700, whatever the umask).
func MkdirBeside(dir, prefix string) (string, error) {
	for {
		path := filepath.Join(dir, besideName(prefix))
		if err := os.Mkdir(path, 0o777); !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
}

// besideName is a new name; it comes into no result, so it has no seed.
func besideName(prefix string) string { return prefix + strconv.FormatUint(rand.Uint64(), 36) }
