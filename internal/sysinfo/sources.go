package sysinfo

import (
	"path/filepath"
	"runtime/debug"
	"strings"

	"engram/internal/durable"
)

// module is the path of engram's module.
const module = "engram"

// Sources returns the folder of engram's sources that a program of another module was built from, by the replace
// directive of its go.mod; "" for engram itself, and for a program that names no folder by its absolute path.
func Sources() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if m := dependency(info); m != nil && m.Replace != nil && filepath.IsAbs(m.Replace.Path) {
			return m.Replace.Path
		}
	}
	return ""
}

// dependency returns the module engram, where it is a dependency of the program.
func dependency(info *debug.BuildInfo) *debug.Module {
	for _, m := range info.Deps {
		if m.Path == module {
			return m
		}
	}
	return nil
}

// IsSources reports whether a folder is the root of engram's sources.
func IsSources(dir string) bool {
	const limit = 1 << 20 // far more than go.mod has
	text, err := durable.Read(filepath.Join(dir, "go.mod"), limit)
	first, _, _ := strings.Cut(string(text), "\n")
	return err == nil && strings.TrimSpace(first) == "module "+module
}
