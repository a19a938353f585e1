package soak

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// process is a process that runs as long as the soak.
type process struct {
	name    string
	command *exec.Cmd
	errors  bytes.Buffer
	done    chan struct{} // closed when it has ended
}

// start starts the command, whose output goes to out; nil: nowhere.
func start(name string, out *os.File, executable string, args ...string) (*process, error) {
	p := &process{name: name, command: exec.Command(executable, args...), done: make(chan struct{})}
	p.command.Stderr = &p.errors
	if out != nil {
		p.command.Stdout = out
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("soak: %s: %w", name, err)
	}
	go func() {
		p.command.Wait() // why it ended is in its errors
		close(p.done)
	}()
	return p, nil
}

// stop interrupts the process and waits for it.
func (p *process) stop() {
	p.command.Process.Signal(os.Interrupt)
	<-p.done
}

// sample is what the process holds now. One that has ended is an error with what it said.
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

// peak is the most memory that a process which has ended had resident, in bytes.
func peak(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss * 1024 // Linux counts in kilobytes
	}
	return 0
}
