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

// RememberEnvironment reports whether an environment is Described, if need be after reading the runs below a directory
// until one was made in it.
func RememberEnvironment(task string, options json.RawMessage, dir string) bool {
	if Described(task, options) {
		return true
	}
	runs, _ := List(dir) // what cannot be read describes nothing
	for _, run := range runs {
		OpenUnchecked(run)
		if Described(task, options) {
			return true
		}
	}
	return false
}
