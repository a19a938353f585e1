package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"engram/internal/plain"
)

// addJSON adds the flag with which answer prints an object.
func addJSON(c *cobra.Command, usage string) { c.Flags().Bool("json", false, usage) }

// wantsJSON reports whether a command is to print JSON.
func wantsJSON(c *cobra.Command) bool { return c.Flags().Lookup("json").Value.String() == "true" }

// answer prints the result of a command: with --json the object, otherwise the text as a line, or nothing if it is "".
func answer(c *cobra.Command, object any, text string) error {
	switch {
	case wantsJSON(c):
		return printObject(c.OutOrStdout(), object)
	case text == "":
		return nil
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), plain.Text(text))
	return err
}

// page is the JSON object of a command that wrote a report.
type page struct {
	Report string `json:"report"` // the file
}
