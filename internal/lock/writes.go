package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"engram/internal/durable"
)

// Boot returns the identifier of this machine's running kernel, or "" where it is unknown. Two processes whose kernels
// have the same one see each other's flocks.
var Boot = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
})

// Writes reports whether the process that appends to a file still lives. On this machine, whose Boot the file names,
// the kernel's lock on the file tells, which a process loses when it closes the file or dies. Elsewhere the process
// lives if the file was written to less than silence ago.
func Writes(path, boot string, silence time.Duration) (bool, error) {
	if boot != "" && boot == Boot() {
		held := flock.New(path)
		free, err := held.TryRLock()
		return !free, errors.Join(err, held.Unlock())
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	now, err := fileSystemTime(filepath.Dir(path), clockPrefix)
	return recent(info.ModTime(), now, silence), err
}

// recent reports whether a sign of life is younger than silence. One from the future does not count: a living process
// gives its signs by the file system's clock.
func recent(sign, now time.Time, silence time.Duration) bool { return now.Sub(sign).Abs() < silence }

// clockPrefix begins the names of the files that are created to read the file system's clock.
const clockPrefix = ".clock-"

// fileSystemTime returns the time that a file created in dir now is stamped with, which may be another machine's.
func fileSystemTime(dir, prefix string) (time.Time, error) {
	file, err := durable.CreateBeside(dir, prefix)
	if err != nil {
		return time.Time{}, err
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
