package bridge

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// prompt reads a pipe without sleep at first. A process that sleeps wakes some 50 us after its input came, on a machine
// whose cores sleep with it; the other side answers sooner. worker.py does the same.
type prompt struct {
	file *os.File
	raw  syscall.RawConn
}

// How long a prompt reader does without sleep, and how long it may have given its core to others meanwhile: where they
// want it, sleeping is better, because the system lets those that slept go first.
const awake, givenAway = 200 * time.Microsecond, 50 * time.Microsecond

func newPrompt(file *os.File) (*prompt, error) {
	raw, err := file.SyscallConn()
	return &prompt{file, raw}, err
}

// Read implements io.Reader.
func (p *prompt) Read(into []byte) (int, error) {
	if err := p.raw.Control(waitAwake); err != nil {
		return 0, err
	}
	return p.file.Read(into)
}

// waitAwake waits until a file can be read, or it is time to sleep.
func waitAwake(file uintptr) {
	ready := []unix.PollFd{{Fd: int32(file), Events: unix.POLLIN}}
	for began := time.Now(); ; {
		if n, err := unix.Poll(ready, 0); n != 0 || err != nil {
			return
		}
		asked := time.Now()
		yield()
		if now := time.Now(); now.Sub(began) > awake || now.Sub(asked) > givenAway {
			return
		}
	}
}
