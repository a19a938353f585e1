package cmd

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"engram/internal/durable"
)

// before adds a check that runs before the command, and before the checks that were added earlier.
func before(c *cobra.Command, check func(c *cobra.Command, args []string) error) {
	next := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil || next == nil {
			return err
		}
		return next(c, args)
	}
}

// writesFile adds a flag that names a file to write. A place where none can be written is an error before the command
// begins.
func writesFile(c *cobra.Command, into *string, flag, usage string) {
	c.Flags().StringVar(into, flag, "", usage)
	before(c, func(*cobra.Command, []string) error { return unlessEmpty(*into, writableFile) })
}

// writesFolder adds a flag that names a folder to write into, which is made if needed, with such a check.
func writesFolder(c *cobra.Command, into *string, flag, usage string) {
	c.Flags().StringVar(into, flag, "", usage)
	before(c, func(*cobra.Command, []string) error { return unlessEmpty(*into, durable.WritableFolder) })
}

// writesIn adds a flag that names an existing folder to make another one in, with such a check.
func writesIn(c *cobra.Command, into *string, flag, usage string) {
	c.Flags().StringVar(into, flag, "", usage)
	before(c, func(*cobra.Command, []string) error {
		return unlessEmpty(*into, func(dir string) error { return durable.Writable(filepath.Join(dir, "new")) })
	})
}

// unlessEmpty checks a place, unless it has no name and so is the command's default, or none.
func unlessEmpty(place string, check func(string) error) error {
	if place == "" {
		return nil
	}
	return check(place)
}
