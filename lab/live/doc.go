// Package live is for the cells of a notebook that train: it opens a backend, and shows training as it goes, by
// curves that move and a progress bar. Linking XLA costs such a cell half a second or more; cells that only read what
// was trained use package lab. A notebook's declarations are part of every later cell: name live below %% only, and the
// others do not pay for it.
package live

import (
	"github.com/gomlx/compute"

	"engram/internal/backend"
)

// Backend opens the backend that training computes on, as the command does: that of the variable GOMLX_BACKEND, else
// the first that works. It returns its name, such as xla:cpu.
func Backend() (compute.Backend, string, error) {
	b, choice, err := backend.Open("")
	return b, choice.Name, err
}
