package cmd

import (
	"errors"
	"os"
	"path/filepath"

	"engram/internal/sysinfo"
)

// cloneFolder returns the root of engram's sources: those that a program of another module was built from, else the
// nearest above the executable or the working directory.
func cloneFolder() (string, error) {
	if dir := sysinfo.Sources(); dir != "" && sysinfo.IsSources(dir) {
		return dir, nil
	}
	executable, _ := os.Executable()
	working, _ := os.Getwd()
	for _, start := range []string{filepath.Dir(executable), working} {
		if dir := nearest(start, sysinfo.IsSources); dir != "" {
			return dir, nil
		}
	}
	return "", errors.New("engram's clone was not found: call bin/engram in it, or work in a folder below it")
}

// nearest returns the nearest folder at or above dir for which is holds; "" if there is none.
func nearest(dir string, is func(dir string) bool) string {
	for {
		if is(dir) {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
}

// isModule reports whether a folder is the root of a Go module.
func isModule(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && info.Mode().IsRegular()
}
