// Package child runs engram's own commands as processes that each have one core, stop in good order when they are told
// to, and do not outlive the process that began them, however that ends.
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

// stopWithin is how long a process may take to write its checkpoint once it is told to stop.
const stopWithin = 20 * time.Second

// Run runs a command of the executable engram until it ends. A cancelled context terminates it, so that it writes a
// checkpoint, and so does the death of this process. The error of one that fails ends with the last line that it said.
func Run(ctx context.Context, executable string, arguments []string, stdin io.Reader) error {
	command := exec.CommandContext(ctx, executable, arguments...)
	command.Stdin = stdin
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "NPROC=1") // NPROC: the threads of XLA
	// An interrupt would not do: the processes of a script's background job ignore it.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopWithin
	var said bytes.Buffer
	command.Stderr = &said
	if err := runTied(command); err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%w: %s", err, strings.TrimPrefix(lines[len(lines)-1], "engram: "))
	}
	return nil
}
