package lock

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"engram/internal/durable"
)

// mostNumber bounds the numbers of locks that are taken over: no directory has so many dead holders. largest bounds a
// lock file in bytes.
const (
	mostNumber = 1_000_000
	largest    = 64 << 10
)

// name returns the file name of lock number 1, 2, ...
func name(number int) string {
	if number == 1 {
		return File
	}
	return File + "." + strconv.Itoa(number)
}

// numbers returns the numbers of the locks in a directory, in order. A lock that is not a regular file is an error.
func numbers(dir string) (found []int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		suffix, isLock := strings.CutPrefix(entry.Name(), File)
		if !isLock {
			continue
		}
		n := 1
		if suffix != "" {
			if n, err = strconv.Atoi(strings.TrimPrefix(suffix, ".")); err != nil || n < 1 || name(n) != entry.Name() {
				continue
			}
		}
		if !entry.Type().IsRegular() { // not even a link, which may lead nowhere
			return nil, durable.NotRegular{Path: filepath.Join(dir, entry.Name()), Mode: entry.Type()}
		}
		found = append(found, n)
	}
	slices.Sort(found)
	return found, nil
}

// newest returns the lock that counts in a directory, the one with the largest number; 0 without one.
func newest(dir string) (number int, h Holder, err error) {
	found, err := numbers(dir)
	if err != nil || len(found) == 0 {
		return 0, h, err
	}
	number = found[len(found)-1]
	h, err = read(filepath.Join(dir, name(number)))
	if errors.Is(err, fs.ErrNotExist) { // it was released just now
		return 0, h, nil
	}
	return number, h, err
}

// read reads a lock file. Of one with invalid content, or unreadable to this user, only the time counts.
func read(path string) (h Holder, err error) {
	data, err := durable.Read(path, largest)
	var tooLarge durable.TooLarge
	if err != nil && !errors.As(err, &tooLarge) && !errors.Is(err, fs.ErrPermission) {
		return h, err
	}
	if err != nil || json.Unmarshal(data, &h) != nil || h.PID < 1 || h.PID > math.MaxInt32 {
		h = Holder{Host: "unknown"}
	}
	info, err := os.Stat(path)
	if err == nil {
		h.beat = info.ModTime()
	}
	return h, err
}

// writeOwn writes a file that describes this process, under a name of its own, to be linked to the lock's name. It also
// returns the file's modification time, which is the file system's present.
func writeOwn(dir string) (path string, now time.Time, err error) {
	data, err := json.Marshal(Self())
	if err != nil {
		return "", now, err
	}
	f, err := durable.CreateBeside(dir, ownPrefix)
	if err != nil {
		return "", now, err
	}
	_, err = f.Write(data)
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", now, err
	}
	return f.Name(), info.ModTime(), nil
}

// HolderOf returns the living process that holds a directory's lock, found by the same rules as in Acquire.
func HolderOf(dir string) (h Holder, found bool) {
	number, h, err := newest(dir)
	if err != nil || number == 0 {
		return Holder{}, false
	}
	alive, _ := h.alive(func() time.Time {
		if now, err := fileSystemTime(dir, ownPrefix); err == nil {
			return now
		}
		return time.Now() // a directory that this user may not write to
	})
	return h, alive
}

// Bury lets Acquire take over at once the lock of a holder that dead reports to have died, because another lock of it
// is free, for instance. Where the kernel knows about the holder, the kernel is right; a holder that lives after all
// gives its next sign of life. Bury does nothing to a file that this user may not touch.
func Bury(dir string, dead func(Holder) bool) {
	number, h, err := newest(dir)
	if err == nil && number > 0 && dead(h) {
		_ = os.Chtimes(filepath.Join(dir, name(number)), time.Time{}, time.Unix(0, 0))
	}
}
