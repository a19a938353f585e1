//go:build unix

package sysinfo

import (
	"syscall"
	"time"
)

// ProcessorTime returns the processor time that this process has taken, of all its threads: unlike the time on the
// clock, it does not depend on what else the machine does.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only for arguments that do not exist
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
