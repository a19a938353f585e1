// Package lock makes a process the only writer of a directory, on a cluster's file system too: a lock is a file that
// is made by a hard link, which fails where it exists, and that says who holds it.
//
// A process that holds a lock and dies leaves the file behind. On the machine it ran on, the next one asks the kernel
// whether it lives; from elsewhere, or from another container, it looks at the time of the file, which the holder
// renews every Beat: after Silence without that, it counts as dead. A dead holder's file is not removed, which two
// could do at once, but followed by one of the next number, which only one can make; the newest counts. A holder
// that only seemed dead finds out by Check.
package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Beat is the time between two signs of life of a holder; after Silence without one it counts as dead where the kernel
// cannot be asked.
const (
	Beat    = 10 * time.Second
	Silence = 2 * time.Minute
)

// file is the name of a lock; those that follow a dead one have a number behind it.
const file = "run.lock"

// ownPattern is that of the files that are linked to.
const ownPattern = "." + file + "-*"

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
// one is, the error says which; where that has died, its lock is taken over, and notice told so in one line.
func Acquire(what, dir string, notice func(string)) (*Held, error) {
	failed := func(err error) (*Held, error) {
		return nil, fmt.Errorf("%s %s cannot be locked: %w", what, dir, err)
	}
	own, err := writeOwn(dir)
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
			alive, why := h.alive(own)
			if alive {
				return nil, InUse{What: what, Dir: dir, Holder: h, Why: why}
			}
		}
		path := filepath.Join(dir, name(number+1))
		if err = link(own, path); errors.Is(err, fs.ErrExist) {
			continue // another was faster: look again
		} else if err != nil {
			return failed(err)
		}
		if number > 0 {
			notice(fmt.Sprintf("%s %s: the lock of process %d on %s, which has died, is taken over", what, dir, h.PID, h.Host))
		}
		sweep(dir)
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
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, ownPattern))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > Silence {
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

// Release gives the lock up.
func (h *Held) Release() {
	close(h.stop)
	h.beats.Wait()
	h.open.Close()
	if errors.Is(h.Check(), ErrLost) {
		return
	}
	for number := 1; number <= h.number; number++ { // the own last: until then it counts
		os.Remove(filepath.Join(h.dir, name(number)))
	}
}

// name is that of lock number 1, 2, ...
func name(number int) string {
	if number == 1 {
		return file
	}
	return file + "." + strconv.Itoa(number)
}

// newest finds the lock that counts in a directory; its number is 0 where there is none.
func newest(dir string) (number int, h Holder, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, h, err
	}
	for _, entry := range entries {
		suffix, found := strings.CutPrefix(entry.Name(), file)
		if !found {
			continue
		}
		n := 1
		if suffix != "" {
			if n, err = strconv.Atoi(strings.TrimPrefix(suffix, ".")); err != nil || name(n) != entry.Name() {
				continue
			}
		}
		number = max(number, n)
	}
	if number == 0 {
		return 0, h, nil
	}
	h, err = read(filepath.Join(dir, name(number)))
	if errors.Is(err, fs.ErrNotExist) { // it was released just now
		return 0, h, nil
	}
	return number, h, err
}

// read reads a lock file.
func read(path string) (h Holder, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return h, err
	}
	if json.Unmarshal(data, &h) != nil || h.PID == 0 { // of a version before, or damaged
		h = Holder{Host: "unknown"}
	}
	info, err := os.Stat(path)
	if err == nil {
		h.beat = info.ModTime()
	}
	return h, err
}

// HolderOf is the process that writes a directory; found is false where none does, or one has died.
func HolderOf(dir string) (h Holder, found bool) {
	number, h, err := newest(dir)
	if err != nil || number == 0 {
		return Holder{}, false
	}
	alive, _ := h.alive("")
	return h, alive
}
