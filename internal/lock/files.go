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

// mostNumber bounds the number of a lock that is followed: so many holders of one directory do not die. largest bounds
// the bytes of a lock file.
const (
	mostNumber = 1_000_000
	largest    = 64 << 10
)

// name is that of lock number 1, 2, ...
func name(number int) string {
	if number == 1 {
		return file
	}
	return file + "." + strconv.Itoa(number)
}

// numbers returns those of the locks in a directory, in order. A lock that is no regular file is an error.
func numbers(dir string) (found []int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		suffix, isLock := strings.CutPrefix(entry.Name(), file)
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

// newest finds the lock that counts in a directory; its number is 0 where there is none.
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

// read reads a lock file. Of one that says nothing that can be, or not to this user, only the time counts.
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

// writeOwn writes this process into a file of a name of its own, to be linked to, and returns the time it is stamped
// with: the file system's now.
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

// HolderOf is the process that writes a directory, by what Acquire goes by; found is false where none does, or one has
// died.
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

// Bury lets Acquire take over at once the lock of a holder that is known to have died, such as by another lock that
// it held. Where the kernel can be asked, that counts; a holder that lives after all gives its next sign of life; and
// of a file that may not be touched only its time counts.
func Bury(dir string, dead func(Holder) bool) {
	number, h, err := newest(dir)
	if err == nil && number > 0 && dead(h) {
		_ = os.Chtimes(filepath.Join(dir, name(number)), time.Time{}, time.Unix(0, 0))
	}
}
