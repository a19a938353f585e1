// Command engram trains, evaluates and shows agents whose memory is synaptic plasticity.
package main

import (
	"context"
	"fmt"
	"os"

	"engram/lab"
)

func main() {
	ctx, stop := lab.WithSignals(context.Background())
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "engram: "+oneLine(err))
	}
	os.Exit(exitCode(ctx, err))
}
