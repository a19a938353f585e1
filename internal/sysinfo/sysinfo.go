// Package sysinfo describes this program and the machine that it runs on: the one text of versions and hardware that
// run.json, doctor, bench and --version show.
package sysinfo

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Unknown stands for a version that the program was built without.
const Unknown = "unknown"

// Program is what this executable was built from.
type Program struct {
	Version  string // of engram
	Commit   string // of its sources; "" if it was built outside a repository
	Modified bool   // the sources differed from the commit
	Go       string // the compiler's version
	// Modules holds the versions of the modules that compute, by their paths.
	Modules map[string]string
}

// Modules lists the modules that compute, in the order in which they are shown.
var Modules = []string{"github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla"}

// Self describes the program that calls it.
func Self() Program {
	p := Program{Version: Unknown, Go: runtime.Version(), Modules: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return p
	}
	p.Version = info.Main.Version
	for _, m := range info.Deps {
		if slices.Contains(Modules, m.Path) {
			p.Modules[m.Path] = m.Version
		}
	}
	if m := dependency(info); m != nil { // the program's own version and commit say nothing of engram
		if p.Version = m.Version; m.Replace != nil {
			p.Version = "(devel)"
		}
		return p
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			p.Commit = s.Value
		case "vcs.modified":
			p.Modified = s.Value == "true"
		}
	}
	return p
}

// Machine returns the system, the architecture and the number of cores, such as "linux/amd64, 2 cores".
func Machine() string { return fmt.Sprintf("%s, %d cores", platform(), runtime.NumCPU()) }

// Processor returns the processor's model and the number of cores; without /proc/cpuinfo it is what Machine returns.
func Processor() string {
	for _, line := range CPUInfo("model name") {
		_, model, _ := strings.Cut(line, ":")
		return fmt.Sprintf("%s, %d cores", strings.TrimSpace(model), runtime.NumCPU())
	}
	return Machine()
}

// CPUInfo returns the first line of /proc/cpuinfo that begins with each key, and nothing for a key that has none.
func CPUInfo(keys ...string) (found []string) {
	text, _ := os.ReadFile("/proc/cpuinfo") // only Linux has it
	for _, key := range keys {
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, key) {
				found = append(found, strings.TrimSpace(line))
				break
			}
		}
	}
	return found
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
