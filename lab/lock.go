package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// holder says who writes a run: the content of run.lock.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// Lock makes this process the only writer of a directory, which is called what, until unlock is called. The kernel releases the lock of a
// process that dies, so a lock file that was left behind does no harm.
func Lock(what, dir string) (unlock func(), err error) {
	path := filepath.Join(dir, lockFile)
	l := flock.New(path)
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be locked: %w", what, dir, err)
	}
	if !locked {
		var h holder
		if data, err := os.ReadFile(path); err == nil && json.Unmarshal(data, &h) == nil && h.PID != 0 {
			return nil, fmt.Errorf("%s %s is in use by process %d on %s since %s: stop that one, or choose another directory", what, dir, h.PID, h.Host, h.Since.Format(time.DateTime))
		}
		return nil, fmt.Errorf("%s %s is in use by another process: stop that one, or choose another directory", what, dir)
	}
	host, _ := os.Hostname() // for the message only
	data, err := json.Marshal(holder{os.Getpid(), host, time.Now()})
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		l.Unlock()
		return nil, fmt.Errorf("%s %s cannot be locked: %w", what, dir, err)
	}
	return func() {
		os.Remove(path)
		l.Unlock()
	}, nil
}
