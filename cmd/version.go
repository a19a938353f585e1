package cmd

import (
	"cmp"
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"engram/internal/backend"
	"engram/internal/sysinfo"
)

// versions is what this program is and what it computes with: what a report of a fault needs.
type versions struct {
	Engram   string            `json:"engram"`
	Commit   string            `json:"commit,omitempty"`
	Modified bool              `json:"modified"` // the sources differed from the commit
	Compiler string            `json:"compiler"`
	Machine  string            `json:"machine"`
	Modules  map[string]string `json:"modules"` // versions of the modules that compute
	Plugins  []plugin          `json:"plugins"`
}

// plugin is one of XLA's that is installed.
type plugin struct {
	Platform string `json:"platform"` // cpu or cuda
	Release  string `json:"release"`
	File     string `json:"file"`
}

// findVersions looks up the versions of this program and of the plugins on this machine.
func findVersions() versions {
	self := sysinfo.Self()
	v := versions{self.Version, self.Commit, self.Modified, self.Go, sysinfo.Machine(), self.Modules, []plugin{}}
	plugins := backend.FindPlugins()
	for _, platform := range []string{"cpu", "cuda"} {
		if file, found := plugins[platform]; found {
			v.Plugins = append(v.Plugins, plugin{platform, backend.PluginRelease(file), file})
		}
	}
	return v
}

// answerVersion prints the versions: as one JSON object, or as a table.
func answerVersion(c *cobra.Command) error {
	v := findVersions()
	if wantsJSON(c) {
		return printObject(c.OutOrStdout(), v)
	}
	var rows [][]string
	row := func(cells ...string) { rows = append(rows, cells) }
	row("engram", v.Engram)
	switch {
	case v.Modified:
		row("commit", v.Commit+", with changes")
	case v.Commit != "":
		row("commit", v.Commit)
	}
	row("compiler", v.Compiler)
	row("machine", v.Machine)
	for _, module := range sysinfo.Modules {
		row(path.Base(module), v.Modules[module])
	}
	for _, p := range v.Plugins {
		row("XLA plugin", fmt.Sprintf("%s (%s)", cmp.Or(p.Release, "unknown version"), p.File))
	}
	return printRows(c.OutOrStdout(), rows)
}
