package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"engram/classroom"
	"engram/internal/durable"
)

// classroomOptions holds the flags of the classroom.
type classroomOptions struct {
	out, file string
	serve     bool
	port      int
}

func newClassroom() *cobra.Command {
	var o classroomOptions
	c := &cobra.Command{
		Use:   "classroom",
		Short: "Make a lesson of ninety minutes as a web page, or serve it",
		Long: `Make the classroom: a lesson of ninety minutes in eight steps, each a thing to touch, as a web page. The
page runs engram itself, compiled to WebAssembly on the pure-Go backend; it needs a browser, on a telephone too, and
no network. The folder works from a memory stick and from any web server; so does the one file.

The page is compiled with Go in engram's clone: half a minute, and some minutes the first time.`,
		Example: `  engram classroom --serve --port 8700
  engram classroom --out classroom
  engram classroom --file classroom.html`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error { return o.make(c) },
	}
	writesFolder(c, &o.out, "out", "`folder` to write the page's files into")
	writesFile(c, &o.file, "file", "HTML `file` to write the page into, whole")
	c.Flags().BoolVar(&o.serve, "serve", false, "show the page at http://127.0.0.1 until interrupted")
	c.Flags().IntVar(&o.port, "port", 0, "port of the page with --serve (default: a free one)")
	addJSON(c, "print what was written, or where the page is, as one JSON line")
	return c
}

// make makes the page and writes or serves it.
func (o classroomOptions) make(c *cobra.Command) error {
	if o.out == "" && o.file == "" && !o.serve {
		return usageError{fmt.Errorf("%s needs --serve, --out or --file: see '%s --help'", c.CommandPath(),
			c.CommandPath())}
	}
	if o.port != 0 && !o.serve {
		return usageError{errors.New("--port has no effect without --serve: leave it out")}
	}
	clone, err := cloneFolder()
	if err != nil {
		return err
	}
	page, err := classroom.Build(c.Context(), clone)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := page.Save(o.out); err != nil {
			return err
		}
	}
	if o.file != "" {
		if err := durable.ReplaceBytes(o.file, page.Single()); err != nil {
			return err
		}
	}
	if !o.serve {
		return o.answer(c, "")
	}
	var failed error
	return errors.Join(page.Serve(c.Context(), o.port, func(url string) { failed = o.answer(c, url) }), failed)
}

// answer prints what was written, and url where the page is served.
func (o classroomOptions) answer(c *cobra.Command, url string) error {
	if wantsJSON(c) {
		return printObject(c.OutOrStdout(), map[string]string{"folder": o.out, "file": o.file, "url": url})
	}
	for _, line := range []string{o.out, o.file, url} {
		if line != "" {
			fmt.Fprintln(c.OutOrStdout(), line)
		}
	}
	return nil
}
