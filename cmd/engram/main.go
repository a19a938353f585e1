// Command engram trains, evaluates and shows agents whose memory is synaptic plasticity.
package main

import (
	"context"
	"fmt"
	"os"

	"engram/internal/plain"
	"engram/lab"
)

func main() {
	ctx, stop := lab.WithSignals(context.Background())
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "engram: "+plain.Error(err))
	}
	os.Exit(exitCode(ctx, err))
}
