package lab

import (
	"fmt"
	"os"
	"path/filepath"

	"engram/internal/plain"
)

// notARun returns the error for a directory without a config; it names the first run below the directory, if any.
func notARun(dir string) error {
	if run := runBelow(dir); run != "" {
		return fmt.Errorf("%s is not a run directory but holds runs: name one of them, such as %s; 'engram runs %s' "+
			"lists them", dir, run, plain.Path(dir))
	}
	return fmt.Errorf("%s is not a run directory: it has no %s; 'engram train --run %s' creates one", dir, configFile,
		plain.Path(dir))
}

// runBelow returns the first run directory one to three levels below a directory, or "" without one: populations
// have their runs one level below, suites in TASK/AGENT/seed-N, studies in runs/TRIAL/seed-N.
func runBelow(dir string) string {
	for _, below := range []string{"*", "*/*", "*/*/*"} {
		found, _ := filepath.Glob(filepath.Join(escaped(dir), below, configFile)) // the escaped pattern is valid
		for _, config := range found {
			if info, err := os.Stat(config); err == nil && info.Mode().IsRegular() && isRun(filepath.Dir(config)) {
				return filepath.Dir(config)
			}
		}
	}
	return ""
}

// escaped returns a pattern for filepath.Glob that matches only the given path.
func escaped(dir string) string {
	var pattern []rune
	for _, r := range dir {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			pattern = append(pattern, '\\')
		}
		pattern = append(pattern, r)
	}
	return string(pattern)
}
