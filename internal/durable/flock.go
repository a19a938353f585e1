//go:build !js

package durable

import (
	"os"
	"syscall"
)

// nonBlocking opens a FIFO without waiting for its other side.
const nonBlocking = syscall.O_NONBLOCK

// flock locks an open file without waiting. The kernel releases the lock when the file's last descriptor is closed, at
// the latest when the process ends.
func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
