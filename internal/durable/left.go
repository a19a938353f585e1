package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// RemoveLeft removes the temporary files, whose names begin with one of the prefixes, of processes that died while they
// replaced a file in dir. It leaves those of living processes, which have them locked, and those that this user may not
// remove.
func RemoveLeft(dir string, prefixes ...string) {
	entries, _ := os.ReadDir(dir) // a missing folder has nothing to remove
	for _, entry := range entries {
		for _, prefix := range prefixes {
			if strings.HasPrefix(entry.Name(), prefix) && entry.Type().IsRegular() {
				removeDead(filepath.Join(dir, entry.Name()))
			}
		}
	}
}

// leftAfter is the age from which a temporary file counts as left on a file system without locks.
const leftAfter = time.Hour

// removeDead removes a file that no living process has locked.
func removeDead(path string) {
	file, err := os.OpenFile(path, os.O_RDWR|nonBlocking, 0)
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
		file.Close() // another process locked or removed it between the two calls: try another name
	}
}
