package cmd

import (
	"fmt"
	"io"
	"path"
	"text/tabwriter"

	"engram/internal/backend"
	"engram/internal/plain"
	"engram/internal/sysinfo"
)

// printVersion prints what this program is and what it computes with: what a report of a fault needs.
func printVersion(out io.Writer) error {
	self := sysinfo.Self()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "engram\t%s\n", self.Version)
	if self.Commit != "" {
		changes := ""
		if self.Modified {
			changes = ", with changes"
		}
		fmt.Fprintf(w, "commit\t%s%s\n", self.Commit, changes)
	}
	fmt.Fprintf(w, "compiler\t%s\nmachine\t%s\n", self.Go, sysinfo.Machine())
	for _, module := range sysinfo.Modules {
		fmt.Fprintf(w, "%s\t%s\n", path.Base(module), self.Modules[module])
	}
	plugins := backend.FindPlugins()
	for _, platform := range []string{"cpu", "cuda"} {
		file, found := plugins[platform]
		if !found {
			continue
		}
		name := "unknown version"
		if release := backend.PluginRelease(file); release != "" {
			name = release
		}
		fmt.Fprintf(w, "XLA plugin\t%s (%s)\n", plain.Text(name), plain.Text(file))
	}
	return w.Flush()
}
