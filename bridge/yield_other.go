//go:build !linux

package bridge

import "runtime"

// yield lets other goroutines have the thread.
func yield() { runtime.Gosched() }
