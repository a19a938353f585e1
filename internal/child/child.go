// Package child runs engram's own commands as processes that stop in good order on request, and that do not outlive the
// process that started them, however that ends.
package child

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopWithin is how long a process may take to write its checkpoint before it is killed.
const stopWithin = 20 * time.Second

// Run runs a command of the executable engram on one core until it ends. A cancelled context terminates it, so that it
// writes a checkpoint, and so does the death of this process. The error of a failure ends with the last line that the
// command wrote to standard error.
func Run(ctx context.Context, executable string, arguments []string, stdin io.Reader) error {
	command := exec.CommandContext(ctx, executable, arguments...)
	command.Stdin = stdin
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "NPROC=1") // NPROC: the threads of XLA
	// An interrupt would not do: the processes of a script's background job ignore it.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopWithin
	var said bytes.Buffer
	command.Stderr = &said
	wait, err := Start(command)
	if err == nil {
		err = wait()
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%w: %s", err, strings.TrimPrefix(lines[len(lines)-1], "engram: "))
	}
	return nil
}
