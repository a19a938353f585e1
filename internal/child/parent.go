package child

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// parentFD is the variable that tells a child the file descriptor of a pipe whose other end only its parent has open:
// the pipe ends when the parent does, even if the kernel kills it.
const parentFD = "ENGRAM_PARENT_FD"

// firstExtra is the descriptor of the first of exec.Cmd's extra files.
const firstExtra = "3"

// Start starts a command of engram that stops in good order when this process dies, however that happens. Its result
// must be waited for with the function wait, not with the command's own.
func Start(command *exec.Cmd) (wait func() error, err error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.ExtraFiles = []*os.File{theirs}
	command.Env = append(command.Environ(), parentFD+"="+firstExtra)
	err = command.Start()
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, err
	}
	return func() error {
		defer ours.Close()
		return command.Wait()
	}, nil
}

// WatchParent calls orphaned when the parent of a process that Start started has ended; in other processes it does
// nothing. The processes that this one starts do not inherit the pipe. Call it once, before any process is started.
func WatchParent(orphaned func()) {
	fd, err := strconv.Atoi(os.Getenv(parentFD))
	os.Unsetenv(parentFD)
	var stat syscall.Stat_t
	if err != nil || fd < 3 || syscall.Fstat(fd, &stat) != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return
	}
	syscall.CloseOnExec(fd)
	pipe := os.NewFile(uintptr(fd), "parent")
	go func() {
		io.Copy(io.Discard, pipe)
		pipe.Close()
		orphaned()
	}()
}
