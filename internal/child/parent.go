package child

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// parentFD is the variable that names to a child the file descriptor of a pipe whose other end only its parent has
// open: it ends when the parent does, also where the kernel kills that.
const parentFD = "ENGRAM_PARENT_FD"

// firstExtra is the descriptor of the first of exec.Cmd's extra files.
const firstExtra = "3"

// runTied runs a command with a pipe that tells it of this process's death.
func runTied(command *exec.Cmd) error {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ours.Close()
	command.ExtraFiles = []*os.File{theirs}
	command.Env = append(command.Env, parentFD+"="+firstExtra)
	err = command.Start()
	theirs.Close()
	if err != nil {
		return err
	}
	return command.Wait()
}

// WatchParent calls orphaned when the parent of a process that Run began has ended, and nothing in another process. The
// processes that this one begins do not inherit the pipe. It is called once, before any process is begun.
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
