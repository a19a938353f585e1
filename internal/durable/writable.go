package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The errors of an empty path, which would otherwise stand for the working directory, or for the root.
var (
	ErrFileUnnamed   = errors.New("the file has no name: give it one")
	ErrFolderUnnamed = errors.New("the folder has no name: give it one")
)

// Writable returns an error that names the remedy unless Replace could write the file at path now: path is free or
// names a regular file, and its folder exists and takes new files. Called before long work, it fails in its place. It
// leaves nothing behind and does not touch the file.
func Writable(path string) error {
	if err := replaceable(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	err := tryCreate(dir)
	if _, missing := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && missing != nil {
		return fmt.Errorf("%s cannot be written: its folder %s does not exist: make it, or name another", path, dir)
	}
	return Unwritable(path, err)
}

// WritableFolder returns an error that names the remedy unless os.MkdirAll could make the folder dir now, or it exists,
// and takes new files. It makes nothing.
func WritableFolder(dir string) error {
	if dir == "" {
		return ErrFolderUnnamed
	}
	existing, missing := filepath.Clean(dir), []string(nil)
	for !exists(existing) && filepath.Dir(existing) != existing {
		existing, missing = filepath.Dir(existing), append(missing, filepath.Base(existing))
	}
	if info, err := os.Stat(existing); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder: name another", existing)
	}
	for _, name := range missing { // too long a name is found only in a folder that exists
		if _, err := os.Lstat(filepath.Join(existing, name)); errors.Is(err, syscall.ENAMETOOLONG) {
			return Unwritable(dir, err)
		}
	}
	return Unwritable(dir, tryCreate(existing))
}

// exists reports whether something is at path, or cannot be looked at.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// replaceable returns an error unless path is free or names a regular file.
func replaceable(path string) error {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return ErrFileUnnamed
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return Unwritable(path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name a file", path)
	case !info.Mode().IsRegular():
		return NotRegular{path, info.Mode()}
	}
	return nil
}

// tryCreate creates a file in dir and removes it.
func tryCreate(dir string) error {
	file, err := createLocked(dir, BesidePrefix)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// Unwritable returns the error of writing the file or folder at a path, with the remedy and without the temporary file
// that err names; nil for nil.
func Unwritable(path string, err error) error {
	var reason syscall.Errno
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &reason):
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	remedy := "name one in a folder that you can write"
	switch reason {
	case syscall.ENOTDIR:
		remedy = "name one in a folder, not below a file"
	case syscall.ENAMETOOLONG:
		remedy = "use a shorter one"
		path = shortened(path)
	case syscall.ENOSPC, syscall.EDQUOT:
		remedy = "make room there, or name one on another disk"
	}
	return fmt.Errorf("%s cannot be written: %w: %s", path, reason, remedy)
}

// shortened returns the beginning of a path that is too long to be shown.
func shortened(path string) string {
	const most = 60
	if len(path) <= most {
		return path
	}
	return strings.ToValidUTF8(path[:most], "") + "..."
}
