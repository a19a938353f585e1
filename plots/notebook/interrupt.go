package notebook

import (
	"context"
	"os"
	"os/signal"
)

// Interruptible returns a context that the notebook's stop button cancels. The kernel kills the cell's program five
// seconds later, which is enough time to write a checkpoint. Call stop when the work is done.
func Interruptible() (ctx context.Context, stop func()) {
	return signal.NotifyContext(context.Background(), os.Interrupt)
}
