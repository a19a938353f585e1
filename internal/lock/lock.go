// Package lock makes a process the only writer of a directory, on a cluster's file system too: a lock is a file that
// is made by a hard link, which fails where it exists, and that says who holds it.
//
// A process that holds a lock and dies leaves the file behind. On the machine it ran on, the next one asks the kernel
// whether it lives; from elsewhere, from another container, or where the kernel does not say, it looks at the time of
// the file, which the holder renews every Beat: after Silence without that, it counts as dead, or once somebody who
// knows so buries it. A dead holder's file is not removed, which two could do at once, but followed by one of the next
// number, which only one can make; the newest counts. A holder that only seemed dead finds out by Check.
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

// Beat is the time between two signs of life of a holder; after Silence without one it counts as dead where the kernel
// cannot be asked.
const (
	Beat    = 10 * time.Second
	Silence = 2 * time.Minute
)

// file is the name of a lock; those that follow a dead one end in a number.
const file = "run.lock"

// ownPrefix begins the names of the files that are linked to.
const ownPrefix = "." + file + "-"

// ErrLost is what Check returns where the lock is no longer held.
var ErrLost = errors.New("another process has taken over, for this one gave no sign of life")

// Held is a lock that this process holds.
type Held struct {
	dir    string
	number int
	open   *os.File
	stop   chan struct{}
	beats  sync.WaitGroup
}

// Acquire makes this process the only writer of a directory, which messages call what, such as "run". Where another
// one is, the error is InUse; where that has died, its lock is taken over, and notice told so in one line.
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
		if number > mostNumber { // none that this package makes: nobody counts on
			if err := os.Remove(filepath.Join(dir, name(number))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return failed(err)
			}
			continue
		}
		path := filepath.Join(dir, name(number+1))
		if err = link(own, path); errors.Is(err, fs.ErrExist) {
			continue // another was faster: look again
		} else if err != nil {
			return failed(err)
		}
		if number > 0 {
			notice(fmt.Sprintf("%s %s: the lock of process %d on %s, which has died, is taken over", what, dir, h.PID,
				h.Host))
		}
		sweep(dir, now)
		return hold(dir, number+1)
	}
}

// link links path to own. A network file system may have done so and lost the answer.
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

// sweep removes what processes left that died while they asked for the lock.
func sweep(dir string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(dir, ownPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && now.Sub(info.ModTime()) > Silence {
			os.Remove(path)
		}
	}
}

// hold keeps giving signs of life.
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

// beat renews the file's time, by a write: so the time is the file system's, not this machine's. A failure is left
// to Check.
func (h *Held) beat() {
	if _, err := h.open.WriteAt([]byte("{"), 0); err == nil {
		h.open.Sync()
	}
}

// Check returns an error where the lock is no longer held: ErrLost, or that the directory is gone.
func (h *Held) Check() error {
	if _, err := os.Lstat(filepath.Join(h.dir, name(h.number+1))); err == nil {
		return ErrLost
	}
	if _, err := os.Lstat(filepath.Join(h.dir, name(h.number))); err != nil {
		return fmt.Errorf("the directory, or the lock in it, was removed while this process wrote it: %w", err)
	}
	return nil
}

// Release gives the lock up, and removes those of the dead before it.
func (h *Held) Release() {
	close(h.stop)
	h.beats.Wait()
	h.open.Close()
	if errors.Is(h.Check(), ErrLost) {
		return
	}
	numbers, _ := numbers(h.dir) // where it cannot be read nothing can be removed either
	for _, number := range numbers {
		if number <= h.number { // in order: the own is last, and until then it counts
			os.Remove(filepath.Join(h.dir, name(number)))
		}
	}
}
