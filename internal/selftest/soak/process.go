package soak

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"engram/internal/child"
)

// process runs as long as the soak.
type process struct {
	name    string
	command *exec.Cmd
	errors  bytes.Buffer
	done    chan struct{} // closed when it has ended
}

// start starts a command of engram, whose output goes to out, or nowhere if out is nil.
func start(name string, out *os.File, executable string, args ...string) (*process, error) {
	p := &process{name: name, command: exec.Command(executable, args...), done: make(chan struct{})}
	p.command.Stderr = &p.errors
	if out != nil {
		p.command.Stdout = out
	}
	wait, err := child.Start(p.command)
	if err != nil {
		return nil, fmt.Errorf("soak: %s: %w", name, err)
	}
	go func() {
		wait() // why it ended is in its errors
		close(p.done)
	}()
	return p, nil
}

// stop interrupts the process and waits for it.
func (p *process) stop() {
	p.command.Process.Signal(os.Interrupt)
	<-p.done
}

// sample returns the memory in bytes and the open files that the process holds now. A process that has ended is an
// error that holds its own.
func (p *process) sample() (memory int64, descriptors int, err error) {
	select {
	case <-p.done:
		return 0, 0, fmt.Errorf("soak: %s ended: %s", p.name, bytes.TrimSpace(p.errors.Bytes()))
	default:
	}
	proc := filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid))
	statm, err := os.ReadFile(filepath.Join(proc, "statm"))
	if err != nil {
		return 0, 0, fmt.Errorf("soak: %s cannot be measured, which needs Linux's /proc: %w", p.name, err)
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		return 0, 0, fmt.Errorf("soak: %s: %w", p.name, err)
	}
	open, err := os.ReadDir(filepath.Join(proc, "fd"))
	return resident * int64(os.Getpagesize()), len(open), err
}

// peak returns the most memory, in bytes, that a process which has ended had resident.
func peak(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss * 1024 // Linux counts in kilobytes
	}
	return 0
}
