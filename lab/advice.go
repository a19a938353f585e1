package lab

import (
	"fmt"
	"os"
	"path/filepath"

	"engram/internal/plain"
)

// notARun returns the error for a path without a config; it names the first run below the directory, if any.
func notARun(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return notADirectory(dir)
	}
	if run := runBelow(dir); run != "" {
		return fmt.Errorf("%s is not a run directory but holds runs: name one of them, such as %s; 'engram runs %s' "+
			"lists them", dir, run, plain.Path(dir))
	}
	return fmt.Errorf("%s is not a run directory: it has no %s; %s", dir, configFile, makeOne(dir, "creates"))
}

// HoldsNone returns the error for a path at and below which List found no run.
func HoldsNone(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return notADirectory(dir)
	}
	return fmt.Errorf("%s holds no run: %s", dir, makeOne(dir, "makes"))
}

func notADirectory(path string) error {
	return fmt.Errorf("%s is not a directory: name a run's", path)
}

// makeOne returns the advice for a directory without a run: the command that makes one there, the run that the
// directory lies in, or to name another where a run would be refused.
func makeOne(dir, makes string) string {
	if (Job{Dir: dir}).Check() == nil {
		return fmt.Sprintf("'engram train --run %s' %s one", plain.Path(dir), makes)
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		for above := filepath.Dir(absolute); above != filepath.Dir(above); above = filepath.Dir(above) {
			if IsRun(above) {
				return fmt.Sprintf("it lies in the run %s: name that", above)
			}
		}
	}
	return "name a run directory, or a directory that holds some"
}

// runBelow returns the first run directory one to three levels below a directory, or "" without one: populations
// have their runs one level below, suites in TASK/AGENT/seed-N, studies in runs/TRIAL/seed-N.
func runBelow(dir string) string {
	for _, below := range []string{"*", "*/*", "*/*/*"} {
		found, _ := filepath.Glob(filepath.Join(escaped(dir), below, configFile)) // the escaped pattern is valid
		for _, config := range found {
			if info, err := os.Stat(config); err == nil && info.Mode().IsRegular() && IsRun(filepath.Dir(config)) {
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
