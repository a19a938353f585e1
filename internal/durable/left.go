package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// RemoveLeft removes the files that processes left in dir which died while they replaced a file there. One that a
// living process writes is locked by it and stays. What cannot be removed, because it is another user's, stays too.
func RemoveLeft(dir string, prefixes ...string) {
	entries, _ := os.ReadDir(dir) // a folder that is missing has nothing to remove
	for _, entry := range entries {
		for _, prefix := range prefixes {
			if strings.HasPrefix(entry.Name(), prefix) && entry.Type().IsRegular() {
				removeDead(filepath.Join(dir, entry.Name()))
			}
		}
	}
}

// leftAfter is the age from which a file counts as left where its file system has no locks to ask.
const leftAfter = time.Hour

// removeDead removes a file that no process has locked.
func removeDead(path string) {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer file.Close()
	switch err := flock(file); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return
	case err != nil:
		if info, statErr := file.Stat(); statErr != nil || time.Since(info.ModTime()) < leftAfter {
			return
		}
	}
	os.Remove(path)
}

// flock locks an open file for this process, without waiting. The lock ends with the last descriptor of the file, and
// so with the process.
func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// createLocked creates a file as CreateBeside does and locks it, so that RemoveLeft of another process leaves it alone.
func createLocked(dir, prefix string) (*os.File, error) {
	for {
		file, err := CreateBeside(dir, prefix)
		if err != nil {
			return nil, err
		}
		err = flock(file)
		if _, gone := os.Lstat(file.Name()); gone == nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			return file, nil // also where the file system has no locks
		}
		file.Close() // another process was between the two calls: again, under another name
	}
}
