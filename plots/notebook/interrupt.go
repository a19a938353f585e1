package notebook

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

// Interruptible returns a context that the notebook's stop button cancels. The kernel kills the cell's program five
// seconds later, which is enough time to write a checkpoint. Call stop when the work is done.
func Interruptible() (ctx context.Context, stop func()) {
	return signal.NotifyContext(context.Background(), os.Interrupt)
}

// resume says what to do after the stop button.
const resume = "run the cell again to go on"

// SayStopped prints that the stop button ended the cell's work, and what to do. Where, such as "after update 10", may
// be empty.
func SayStopped(where string) {
	if where != "" {
		where = " " + where
	}
	fmt.Printf("stopped%s - %s\n", where, resume)
}
