// Package live trains in the cells of a notebook: it opens a backend, and shows training in progress with curves that
// move and a progress bar. Linking XLA costs such a cell half a second or more; cells that only read trained runs use
// package lab. A notebook's declarations are part of every later cell, so name live below %% only, or every cell pays.
package live

import (
	"github.com/gomlx/compute"

	"engram/internal/backend"
)

// Backend opens the backend for training as the command does: the one named by the variable GOMLX_BACKEND, or else the
// first that works. It also returns the backend's name, such as xla:cpu.
func Backend() (compute.Backend, string, error) {
	b, choice, err := backend.Open("")
	return b, choice.Name, err
}
