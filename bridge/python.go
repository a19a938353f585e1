package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// The variables that choose the Python of workers, the seconds that a step may take, and the processes that share the
// environments of a vector. Commands set them by --python, --env-timeout and --env-workers; processes that engram
// starts inherit them.
const (
	PythonVariable  = "ENGRAM_PYTHON"
	TimeoutVariable = "ENGRAM_ENV_TIMEOUT"
	WorkersVariable = "ENGRAM_ENV_WORKERS"
)

// Python returns the Python that workers run on: the variable ENGRAM_PYTHON, the virtual environment that is active,
// .venv-environments (make python-env) or .venv in this folder, or python3.
func Python() string {
	if chosen := os.Getenv(PythonVariable); chosen != "" {
		return chosen
	}
	for _, folder := range []string{os.Getenv("VIRTUAL_ENV"), ".venv-environments", ".venv"} {
		path := filepath.Join(folder, "bin", "python")
		if _, err := os.Stat(path); folder != "" && err == nil {
			if !filepath.IsAbs(path) {
				path = "./" + path
			}
			return path
		}
	}
	return "python3"
}

// Importing PyTorch takes Python 10 s, and longer on a busy machine.
const startWithin, defaultTimeout = 5 * time.Minute, time.Minute

// timeout returns how long a step may take.
func timeout() (time.Duration, error) {
	text := os.Getenv(TimeoutVariable)
	if text == "" {
		return defaultTimeout, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("invalid env-timeout %q: use a duration above 0, such as 60s", text)
	}
	return d, nil
}

// mostWorkers bounds the processes of a vector.
const mostWorkers = 256

// workers returns the number of processes that share the environments of a vector.
func workers() (int, error) {
	text := os.Getenv(WorkersVariable)
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostWorkers {
		return 0, fmt.Errorf("invalid env-workers %q: use 1 to %d", text, mostWorkers)
	}
	return n, nil
}

// Package is a Python package, as Python's metadata has it.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"` // empty: not installed
}

// Packages returns the version of Python, which is the first, and of the packages that environments are of.
func Packages(ctx context.Context) ([]Package, error) {
	const ask = `
import json, platform
from importlib import metadata
said = [{"name": "python", "version": platform.python_version()}]
for name in ("gymnasium", "numpy", "popgym", "neurogym", "torch"):
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        version = ""
    said.append({"name": name, "version": version})
print(json.dumps(said))`
	ctx, stop := context.WithTimeout(ctx, startWithin)
	defer stop()
	out, err := exec.CommandContext(ctx, Python(), "-c", ask).Output()
	if err != nil {
		return nil, fmt.Errorf("Python (%s) cannot be started: %w", Python(), err)
	}
	var all []Package
	if err := json.Unmarshal(out, &all); err != nil || len(all) == 0 {
		return nil, fmt.Errorf("Python (%s) answered %q", Python(), shown(string(out)))
	}
	return all, nil
}
