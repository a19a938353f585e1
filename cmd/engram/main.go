// Command engram trains, evaluates and shows agents whose memory is synaptic plasticity.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newRoot().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "engram: "+oneLine(err))
	}
	os.Exit(exitCode(err))
}
