package lab

import (
	"fmt"
	"os"
	"path/filepath"
)

// notARun is the error of a directory that has no config: where runs lie below it, it names the first.
func notARun(dir string) error {
	if run := runBelow(dir); run != "" {
		return fmt.Errorf("%s is not a run directory but holds runs: name one of them, such as %s; 'engram runs %s' lists them", dir, run, dir)
	}
	return fmt.Errorf("%s is not a run directory: it has no %s; 'engram train --run %s' makes one", dir, configFile,
		dir)
}

// runBelow is the first run directory below a directory: next in it, as those of a population are, or as deep as those
// of a suite, TASK/AGENT/seed-N, or of a study, runs/TRIAL/seed-N. It is empty where there is none.
func runBelow(dir string) string {
	for _, below := range []string{"*", "*/*", "*/*/*"} {
		found, _ := filepath.Glob(filepath.Join(escaped(dir), below, configFile)) // the pattern is a valid one
		for _, config := range found {
			if info, err := os.Stat(config); err == nil && info.Mode().IsRegular() && isRun(filepath.Dir(config)) {
				return filepath.Dir(config)
			}
		}
	}
	return ""
}

// escaped is a directory's name as a pattern that only itself matches.
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
