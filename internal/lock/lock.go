// Package lock makes a process the only writer of a directory, on the shared file system of a cluster too. A lock is a
// file that names its holder and is created by a hard link, which fails if the file exists.
//
// A process that dies while it holds a lock leaves the file behind. On the same machine, the next process asks the
// kernel whether the holder lives. On another machine, in another container, or where the kernel does not tell, it
// looks at the file's time, which the holder renews every Beat: a holder counts as dead after Silence without a
// renewal, or once Bury was called for it. The lock of a dead holder is not removed, because two processes could do
// that at once; it is followed by one with the next number, which only one process can create. The largest number
// counts. A holder that was wrongly taken for dead learns so from Check.
package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Beat is the time between two signs of life of a holder. After Silence without one, a holder that the kernel
// does not know counts as dead.
const (
	Beat    = 10 * time.Second
	Silence = 2 * time.Minute
)

// File is the name of the first lock; those that follow a dead one end in a number.
const File = "run.lock"

// ownPrefix begins the names of the files that are linked to a lock's name.
const ownPrefix = "." + File + "-"

// ErrLost is returned by Check if another process has taken the lock over.
var ErrLost = errors.New("another process has taken over, because this one gave no sign of life")

// Held is a lock that this process holds.
type Held struct {
	dir    string
	number int
	open   *os.File
	stop   chan struct{}
	beats  sync.WaitGroup
}

// Acquire makes this process the only writer of a directory, which messages call what, such as "run". If another living
// process is, the error is InUse; the lock of a dead one is taken over and reported to notice in one line.
func Acquire(what, dir string, notice func(string)) (*Held, error) {
	failed := func(err error) (*Held, error) {
		return nil, fmt.Errorf("%s %s cannot be locked: %w", what, dir, err)
	}
	own, now, err := writeOwn(dir)
	if err != nil {
		return failed(err)
	}
	defer os.Remove(own)
	for {
		number, h, err := newest(dir)
		if err != nil {
			return failed(err)
		}
		if number > 0 {
			if alive, why := h.alive(func() time.Time { return now }); alive {
				return nil, InUse{What: what, Dir: dir, Holder: h, Why: why}
			}
		}
		if number > mostNumber { // not written by this package: count no further
			if err := os.Remove(filepath.Join(dir, name(number))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return failed(err)
			}
			continue
		}
		path := filepath.Join(dir, name(number+1))
		if err = link(own, path); errors.Is(err, fs.ErrExist) {
			continue // another process was faster: look again
		} else if err != nil {
			return failed(err)
		}
		if number > 0 {
			notice(fmt.Sprintf("%s %s: the lock of process %d on %s, which has died, is taken over", what, dir, h.PID,
				h.Host))
		}
		removeLeft(dir, now)
		return hold(dir, number+1)
	}
}

// link creates path as a hard link to own. It succeeds too if a network file system made the link and lost the answer.
func link(own, path string) error {
	err := os.Link(own, path)
	if err == nil {
		return nil
	}
	mine, errMine := os.Stat(own)
	there, errThere := os.Stat(path)
	if errMine == nil && errThere == nil && os.SameFile(mine, there) {
		return nil
	}
	return err
}

// removeLeft removes the files of processes that died while they asked for the lock.
func removeLeft(dir string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(dir, ownPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && now.Sub(info.ModTime()) > Silence {
			os.Remove(path)
		}
	}
}

// hold returns the held lock, which gives signs of life until it is released.
func hold(dir string, number int) (*Held, error) {
	open, err := os.OpenFile(filepath.Join(dir, name(number)), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	h := &Held{dir: dir, number: number, open: open, stop: make(chan struct{})}
	h.beats.Go(func() {
		ticker := time.NewTicker(Beat)
		defer ticker.Stop()
		for {
			select {
			case <-h.stop:
				return
			case <-ticker.C:
				h.beat()
			}
		}
	})
	return h, nil
}

// beat renews the file's time by a write, so that the time is the file system's, not this machine's. It ignores an
// error, which Check will find.
func (h *Held) beat() {
	if _, err := h.open.WriteAt([]byte("{"), 0); err == nil {
		h.open.Sync()
	}
}

// Check returns an error if the lock is no longer held: ErrLost, or that the directory is gone.
func (h *Held) Check() error {
	if _, err := os.Lstat(filepath.Join(h.dir, name(h.number+1))); err == nil {
		return ErrLost
	}
	if _, err := os.Lstat(filepath.Join(h.dir, name(h.number))); err != nil {
		return fmt.Errorf("the directory, or the lock in it, was removed while this process was writing: %w", err)
	}
	return nil
}

// Release gives up the lock, and removes it with those of the dead holders before it.
func (h *Held) Release() {
	close(h.stop)
	h.beats.Wait()
	h.open.Close()
	if errors.Is(h.Check(), ErrLost) {
		return
	}
	numbers, _ := numbers(h.dir) // nothing can be removed from a directory that cannot be read
	for _, number := range numbers {
		if number <= h.number { // in order: the own lock counts until it is removed, last
			os.Remove(filepath.Join(h.dir, name(number)))
		}
	}
}
