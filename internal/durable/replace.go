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

// Replace replaces the file at path by what write writes: into a temporary file in the same folder, which is flushed to
// the disk and renamed. A reader sees either the old or the new file, whole. The permissions are 0666 less the umask.
func Replace(path string, write func(io.Writer) error) error {
	return replace(path, write, func(*os.File) error { return nil })
}

// ReplacePrivate replaces the file at path by data, like Replace, with permissions 0600 whatever the umask.
func ReplacePrivate(path string, data []byte) error {
	return replace(path, writes(data), func(file *os.File) error { return file.Chmod(0o600) })
}

// replace replaces a file like Replace, with a step that prepares the new file before anything is written to it.
func replace(path string, write func(io.Writer) error, prepare func(*os.File) error) error {
	if err := replaceable(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	file, err := createLocked(dir, BesidePrefix)
	if err != nil {
		return err
	}
	defer file.Close() // after the rename: until then its lock shows that its writer lives
	if err = prepare(file); err == nil {
		err = write(file)
	}
	if err == nil {
		err = Sync(file)
	}
	if err == nil {
		err = Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(Unwritable(path, err), os.Remove(file.Name()))
	}
	return SyncDir(dir)
}

// ReplaceBytes replaces the file at path by data, like Replace.
func ReplaceBytes(path string, data []byte) error {
	return Replace(path, writes(data))
}

// CreateBytes makes the file at path with data, whole and flushed as by ReplaceBytes. Of several processes one makes
// it; where path exists the error wraps fs.ErrExist.
func CreateBytes(path string, data []byte) error {
	dir := filepath.Dir(path)
	file, err := createLocked(dir, BesidePrefix)
	if err != nil {
		return err
	}
	defer file.Close()
	if err = errors.Join(writes(data)(file), Sync(file)); err == nil {
		err = os.Link(file.Name(), path)
	}
	if err = errors.Join(err, os.Remove(file.Name())); err != nil {
		return err
	}
	return SyncDir(dir)
}

// writes returns a function that writes data.
func writes(data []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(data); return err }
}

// CreateBeside creates a new file in dir with a name of prefix and a random number, and permissions 0666 less the umask
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

// SyncDir flushes the names in dir to the disk, so that a file renamed into it keeps its name after a power cut. It
// ignores the error of a file system that cannot flush directories.
func SyncDir(dir string) error {
	tell("syncdir", dir)
	open, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(open.Sync()), open.Close())
}

// MkdirBeside creates a new folder in dir with a name of prefix and a random number, and permissions 0777 less the
// umask (os.MkdirTemp gives 0700, whatever the umask).
func MkdirBeside(dir, prefix string) (string, error) {
	for {
		path := filepath.Join(dir, besideName(prefix))
		if err := os.Mkdir(path, 0o777); !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
}

// besideName returns a new random name. No result depends on it, so it needs no seed.
func besideName(prefix string) string { return prefix + strconv.FormatUint(rand.Uint64(), 36) }
