package bridge

import (
	"time"

	"golang.org/x/sys/unix"
)

// How long a reader waits without sleep, and how long it may have given its core to others meanwhile: where they want
// it, sleeping is better, because the system lets those that slept go first.
const awake, givenAway = 200 * time.Microsecond, 50 * time.Microsecond

// waitAwake waits until a file can be read, or it is time to sleep.
func waitAwake(file uintptr) {
	ready := []unix.PollFd{{Fd: int32(file), Events: unix.POLLIN}}
	for began := time.Now(); ; {
		if n, err := unix.Poll(ready, 0); n != 0 || err != nil {
			return
		}
		asked := time.Now()
		unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		if now := time.Now(); now.Sub(began) > awake || now.Sub(asked) > givenAway {
			return
		}
	}
}
