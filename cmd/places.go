package cmd

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

// checkLines adds to a command, and to all below it, what is checked of its command line before its arguments are: that
// no path is empty, and that no flags are set that exclude each other.
func checkLines(c *cobra.Command) {
	if next := c.Args; next != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := unnamed(c, args); err != nil {
				return err
			}
			if err := c.ValidateFlagGroups(); err != nil {
				return inWords(err)
			}
			return next(c, args)
		}
	}
	for _, below := range c.Commands() {
		checkLines(below)
	}
}

// groupSet matches cobra's error of flags that exclude each other, with those that are set.
var groupSet = regexp.MustCompile(`none of the others can be; \[(.+)\] were all set$`)

// inWords returns cobra's error of flags that exclude each other with the remedy.
func inWords(err error) error {
	set := groupSet.FindStringSubmatch(err.Error())
	if set == nil {
		return usageError{err}
	}
	return usageError{fmt.Errorf("--%s exclude each other: use one of them",
		strings.Join(strings.Fields(set[1]), " and --"))}
}

// unnamed returns an error if a flag or an argument that names a file or a folder is empty.
func unnamed(c *cobra.Command, args []string) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if value, _ := pflag.UnquoteUsage(f); f.Value.String() == "" && err == nil {
			err = unnamedOf[value]
		}
	})
	if dash := c.ArgsLenAtDash(); dash >= 0 {
		args = args[:dash]
	}
	if words := strings.Fields(c.Use); err == nil && len(words) > 1 && slices.Contains(args, "") {
		err = unnamedOf[strings.Trim(words[1], "[].")]
	}
	return err
}

// unnamedOf has the error of an empty path by the word that the help has for it; other words are no paths.
var unnamedOf = map[string]error{"file": durable.ErrFileUnnamed, "STUDY.json": durable.ErrFileUnnamed,
	"directory": durable.ErrFolderUnnamed, "folder": durable.ErrFolderUnnamed, "run": durable.ErrFolderUnnamed,
	"RUN": durable.ErrFolderUnnamed, "DIR": durable.ErrFolderUnnamed}

// unlessEmpty checks a place, unless it has no name and so is the command's default, or none.
func unlessEmpty(place string, check func(string) error) error {
	if place == "" {
		return nil
	}
	return check(place)
}
