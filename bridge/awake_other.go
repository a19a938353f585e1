//go:build !linux

package bridge

// waitAwake does nothing: where a process cannot offer its core to others, it sleeps at once.
func waitAwake(uintptr) {}
