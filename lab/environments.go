package lab

import (
	"encoding/json"

	"engram/bridge"
	"engram/tasks"
)

// Described reports whether what a config needs to know of an environment is known without a start of Python: it is
// Go's, or one that this process has opened or a run that it has read was made in.
func Described(task string, options json.RawMessage) bool {
	return !tasks.Foreign(task) || bridge.Known(task, options) != nil
}
