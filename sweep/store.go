package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"engram/internal/durable"

	"github.com/gofrs/flock"
)

// errTaken is returned by claimFile where another worker has claimed the attempt.
var errTaken = errors.New("claimed by another worker")

// machine returns the boot id of the running kernel, by which processes tell whether they share its locks; "" where the
// system has none.
var machine = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
})

// writer appends to the file of an attempt that this process holds.
type writer struct {
	path  string
	file  *os.File
	locks []*flock.Flock
	mutex sync.Mutex
	size  int64
}

// claimFile makes the file of an attempt with its first line, in one step: a temporary file is written, locked and
// linked to its name, in which only one worker succeeds. The others get errTaken.
func claimFile(dir string, first line) (*writer, error) {
	path := filepath.Join(dir, attemptsDir, attemptFile(first.Trial, first.Attempt))
	file, err := durable.CreateBeside(filepath.Join(dir, attemptsDir), ".claim-")
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", dir, err)
	}
	defer os.Remove(file.Name()) // the linked name stays
	w := &writer{path: path, file: file, locks: []*flock.Flock{flock.New(file.Name())}}
	err = w.append(first)
	if err == nil {
		_, err = w.locks[0].TryLock()
	}
	if err == nil {
		err = os.Link(file.Name(), path)
	}
	if err == nil {
		err = w.reopen(path)
	}
	if err != nil {
		w.close()
		if errors.Is(err, fs.ErrExist) {
			return nil, errTaken
		}
		return nil, fmt.Errorf("study %s: %w", dir, err)
	}
	return w, nil
}

// append writes one line; an end is flushed to the disk. Where the disk is full, the part that was written is removed.
func (w *writer) append(l line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	n, err := w.file.Write(append(data, '\n'))
	if err == nil && l.Event == eventEnd {
		err = durable.Sync(w.file)
	}
	if err != nil {
		if n > 0 {
			err = errors.Join(err, w.file.Truncate(w.size))
			w.file.Seek(w.size, io.SeekStart)
		}
		return fmt.Errorf("attempt %s: %w", w.path, err)
	}
	w.size += int64(n)
	return nil
}

// reopen switches to the linked name. Some user-space file systems (FUSE) treat the two names as two files, and other
// processes would see neither the lock nor recent writes.
func (w *writer) reopen(path string) error {
	first, err := w.file.Stat()
	if err != nil {
		return err
	}
	if second, err := os.Stat(path); err != nil || os.SameFile(first, second) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w.file.Close()
	w.file = file
	if _, err := file.Seek(w.size, io.SeekStart); err != nil {
		return err
	}
	lock := flock.New(path)
	w.locks = append(w.locks, lock)
	return lock.Lock() // a process that only tests the lock holds it for a moment
}

func (w *writer) close() error {
	err := w.file.Close()
	for _, lock := range w.locks {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}

// alive reports whether the worker of an attempt without an end is still alive: on this machine by the kernel's lock,
// which a process loses when it dies; on another by the time since its last write, by the clock of the file system.
func alive(dir string, first line, staleAfter time.Duration) (bool, error) {
	path := filepath.Join(dir, attemptsDir, attemptFile(first.Trial, first.Attempt))
	if first.Machine != "" && first.Machine == machine() {
		lock := flock.New(path)
		free, err := lock.TryRLock()
		return !free, errors.Join(err, lock.Unlock())
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	now, err := fileSystemTime(dir)
	return now.Sub(info.ModTime()).Abs() < staleAfter, err // a time in the future is no sign of life
}

// fileSystemTime returns the time with which the study's file system stamps files; it may be another machine's.
func fileSystemTime(dir string) (time.Time, error) {
	file, err := durable.CreateBeside(filepath.Join(dir, attemptsDir), ".clock-")
	if err != nil {
		return time.Time{}, fmt.Errorf("study %s: %w", dir, err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
