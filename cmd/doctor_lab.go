package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// part is the doctor's result about one part of the laboratory.
type part struct {
	Name   string `json:"name"`
	Works  bool   `json:"works"`
	Detail string `json:"detail"` // where it is, or what is wrong and what to do
}

// Chromium's names, as scripts/browser.sh looks for them.
var chromiums = []string{"chromium", "chromium-browser", "google-chrome"}

// examineLab looks for what `make lab` and `make test-browser` need.
func examineLab() []part {
	project := projectFolder()
	return []part{
		found("JupyterLab", "run 'make lab'")(findJupyter(project)),
		found("kernel", "run 'make lab'")(findKernel(project)),
		found("own Jupyter", "only a Jupyter of your own needs it: 'engram kernel install'")(findUserKernel()),
		found("Chromium",
			"only 'make test-browser' needs it: 'apt-get install chromium', or set CHROMIUM")(findChromium()),
	}
}

// found returns a function that makes a part of where it is, or of why it is missing and the remedy.
func found(name, remedy string) func(where string, err error) part {
	return func(where string, err error) part {
		if err != nil {
			return part{name, false, fmt.Sprintf("%v: %s", err, remedy)}
		}
		return part{name, true, where}
	}
}

// projectFolder returns the nearest folder with a .venv above the working directory, else above the executable.
func projectFolder() string {
	working, _ := os.Getwd()
	executable, _ := os.Executable()
	for _, start := range []string{working, filepath.Dir(executable)} {
		for dir := start; ; dir = filepath.Dir(dir) {
			if info, err := os.Stat(filepath.Join(dir, ".venv")); err == nil && info.IsDir() {
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return working
}

// findJupyter returns the version and path of the JupyterLab in the project's .venv.
func findJupyter(project string) (string, error) {
	packages, _ := filepath.Glob(filepath.Join(project, ".venv/lib/python3.*/site-packages/jupyterlab-*.dist-info"))
	if len(packages) == 0 {
		return "", fmt.Errorf("it is not in %s", filepath.Join(project, ".venv"))
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(packages[0]), "jupyterlab-"), ".dist-info")
	return fmt.Sprintf("%s in %s", version, filepath.Join(project, ".venv")), nil
}

// findKernel returns the program of the Go kernel of 'make lab', which must exist and be of this project.
func findKernel(project string) (string, error) {
	program, err := kernelProgram(filepath.Join(project, ".venv/share/jupyter/kernels/gonb"))
	if err == nil && program != filepath.Join(project, kernelStarter) {
		err = fmt.Errorf("%s is of another folder than %s", program, project)
	}
	return program, err
}

// findUserKernel returns the program of the Go kernel that 'engram kernel install' registered for this user.
func findUserKernel() (string, error) {
	dir, err := kernelDir("")
	if err != nil {
		return "", err
	}
	return kernelProgram(dir)
}

// kernelProgram returns the program of the kernel in a folder, which must be able to run.
func kernelProgram(dir string) (string, error) {
	spec, err := readKernel(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no %s", filepath.Join(dir, "kernel.json"))
	case err != nil:
		return "", err
	}
	starter := spec.Argv[0]
	for _, program := range []string{starter, filepath.Join(filepath.Dir(filepath.Dir(starter)), "bin/gonb")} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("its program %s cannot be run", program)
		}
	}
	return starter, nil
}

// findChromium returns the browser that the tests drive.
func findChromium() (string, error) {
	names := chromiums
	if name := os.Getenv("CHROMIUM"); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s", strings.Join(names, ", "))
}
