package sweep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"engram/internal/durable"
	"engram/internal/journal"
	"engram/internal/lock"

	"github.com/gofrs/flock"
)

// errTaken is returned by claimFile where another worker has claimed the attempt.
var errTaken = errors.New("claimed by another worker")

// writer appends to the file of an attempt that this process holds.
type writer struct {
	path  string
	lines *journal.Writer
	locks []*flock.Flock
	mutex sync.Mutex
}

// claimFile makes the file of an attempt with its first line, in one step: a temporary file is written, locked and
// linked to its name, in which only one worker succeeds. The others get errTaken.
func claimFile(dir string, first line) (*writer, error) {
	path := filepath.Join(dir, attemptsDir, attemptFile(first.Trial, first.Attempt))
	file, err := durable.CreateBeside(filepath.Join(dir, attemptsDir), ".claim-")
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", dir, err)
	}
	defer os.Remove(file.Name()) // its other name stays
	w := &writer{path: path, lines: journal.NewWriter(file, 0), locks: []*flock.Flock{flock.New(file.Name())}}
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

// append writes one line; the last one is on the disk when it returns.
func (w *writer) append(l line) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	write := w.lines.Append
	if l.Event == eventEnd {
		write = w.lines.AppendFlushed
	}
	if err := write(l); err != nil {
		return fmt.Errorf("attempt %s: %w", w.path, err)
	}
	return nil
}

// reopen switches to the linked name. Some user-space file systems (FUSE) treat the two names as two files, and others
// would see neither the lock nor recent writes.
func (w *writer) reopen(path string) error {
	first, err := w.lines.Stat()
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
	w.lines.Close()
	w.lines = journal.NewWriter(file, w.lines.Size())
	if _, err := file.Seek(w.lines.Size(), io.SeekStart); err != nil {
		return err
	}
	lock := flock.New(path)
	w.locks = append(w.locks, lock)
	return lock.Lock() // a process that only tests the lock holds it for a moment
}

func (w *writer) close() error {
	err := w.lines.Close()
	for _, lock := range w.locks {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}

// alive reports whether the worker of an attempt that has not ended lives; see lock.Writes.
func alive(dir string, first line, staleAfter time.Duration) (bool, error) {
	path := filepath.Join(dir, attemptsDir, attemptFile(first.Trial, first.Attempt))
	return lock.Writes(path, first.Machine, staleAfter)
}
