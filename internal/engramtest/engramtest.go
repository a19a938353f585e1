// Package engramtest builds the command for tests that start it.
package engramtest

import (
	"fmt"
	"os/exec"
)

// Build builds the command engram as the file path, from a folder of the module (empty: the current one).
func Build(folder, path string) error {
	build := exec.Command("go", "build", "-ldflags=-s", "-o", path, "engram/cmd/engram") // -s links in half the time
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
