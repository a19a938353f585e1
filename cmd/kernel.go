package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"engram/internal/durable"
	"engram/internal/plain"
	"engram/internal/sysinfo"
)

// kernelSpec is Jupyter's kernel.json.
type kernelSpec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode,omitempty"`
	Env           map[string]string `json:"env,omitempty"`
}

// kernelStarter is the program that starts the kernel for a notebook, relative to the clone.
const kernelStarter = "scripts/kernel.sh"

func newKernel() *cobra.Command {
	c := &cobra.Command{
		Use:   "kernel",
		Short: "Give the Go kernel to any Jupyter of yours: JupyterLab, Notebook, VS Code",
		Long: `Cells are Go, run by a kernel (GoNB). 'make lab' has one of its own; 'engram kernel install' registers it
for every Jupyter of this user, where it is called "Go (gonb)". Its cells import engram's packages and, in a folder
that 'engram new' made, those of that folder.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newKernelInstall(), newKernelRemove())
	return c
}

func newKernelInstall() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "install",
		Short: "Register the Go kernel for every Jupyter of this user",
		Example: `  engram kernel install
  engram kernel install --data .venv/share/jupyter   only for the Jupyter of that environment`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			clone, err := cloneFolder()
			if err != nil {
				return err
			}
			dir, err := kernelDir(data)
			if err == nil {
				err = buildKernel(c, clone)
			}
			if err == nil {
				err = writeKernel(dir, clone)
			}
			if err != nil {
				return err
			}
			return answer(c, kernelAnswer{dir, "installed"}, fmt.Sprintf("%s: Go (gonb) of %s", dir, clone))
		},
	}
	dataFlag(c, &data)
	before(c, func(*cobra.Command, []string) error {
		dir, err := kernelDir(data)
		if err != nil {
			return err
		}
		return durable.WritableFolder(dir)
	})
	return c
}

func newKernelRemove() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "remove",
		Short: "Take the Go kernel away again",
		Args:  arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := kernelDir(data)
			if err != nil {
				return err
			}
			switch _, err := readKernel(dir); {
			case errors.Is(err, fs.ErrNotExist):
				return answer(c, kernelAnswer{dir, "absent"}, dir+": there is no Go kernel")
			case err != nil:
				return err
			}
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return answer(c, kernelAnswer{dir, "removed"}, dir+": removed")
		},
	}
	dataFlag(c, &data)
	return c
}

// kernelAnswer is the JSON object of 'kernel install' and 'kernel remove'.
type kernelAnswer struct {
	Kernel string `json:"kernel"` // its folder
	State  string `json:"state"`  // installed, removed or absent
}

func dataFlag(c *cobra.Command, data *string) {
	addJSON(c, "print the kernel's folder and state as one JSON object")
	c.Flags().StringVar(data, "data", "", "Jupyter's data `directory` (default: JUPYTER_DATA_DIR, else this user's)")
}

// kernelDir returns the folder of the Go kernel in Jupyter's data directory; data "" stands for the user's, as
// 'jupyter --paths' lists it first.
func kernelDir(data string) (string, error) {
	home, err := os.UserHomeDir()
	switch {
	case data != "":
	case os.Getenv("JUPYTER_DATA_DIR") != "":
		data = os.Getenv("JUPYTER_DATA_DIR")
	case err != nil:
		return "", fmt.Errorf("%w: name Jupyter's data directory in --data", err)
	case runtime.GOOS == "darwin":
		data = filepath.Join(home, "Library", "Jupyter")
	case os.Getenv("XDG_DATA_HOME") != "":
		data = filepath.Join(os.Getenv("XDG_DATA_HOME"), "jupyter")
	default:
		data = filepath.Join(home, ".local", "share", "jupyter")
	}
	data, err = filepath.Abs(data)
	return filepath.Join(data, "kernels", "gonb"), err
}

// buildKernel builds GoNB and goimports, which it calls, in the clone's bin. Where the clone cannot be written, they
// must be there.
func buildKernel(c *cobra.Command, clone string) error {
	bin := filepath.Join(clone, "bin")
	build := exec.CommandContext(c.Context(), "go", "install", "github.com/janpfeifer/gonb",
		"golang.org/x/tools/cmd/goimports")
	build.Dir, build.Env = clone, append(os.Environ(), "GOBIN="+bin)
	build.Stderr = &plain.Writer{Out: os.Stderr}
	if err := build.Run(); err != nil {
		if _, found := os.Stat(filepath.Join(bin, "gonb")); found == nil {
			return nil
		}
		return fmt.Errorf("the Go kernel could not be built in %s (%w): run 'make lab' there", bin, err)
	}
	return nil
}

// writeKernel registers the clone's kernel in a folder that has none, or one of engram.
func writeKernel(dir, clone string) error {
	if _, err := readKernel(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	spec := kernelSpec{Argv: []string{filepath.Join(clone, kernelStarter), "{connection_file}"},
		DisplayName: "Go (gonb)", Language: "go", InterruptMode: "message"}
	if path, err := exec.LookPath("go"); err == nil { // a Jupyter that a desktop starts may not have it on its PATH
		spec.Env = map[string]string{"ENGRAM_GO": filepath.Dir(path)}
	}
	text, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return durable.ReplaceBytes(filepath.Join(dir, "kernel.json"), append(text, '\n'))
}

// readKernel reads a kernel that engram registered; another one is an error.
func readKernel(dir string) (kernelSpec, error) {
	const limit = 1 << 20 // far more than a kernel.json has
	var spec kernelSpec
	path := filepath.Join(dir, "kernel.json")
	text, err := durable.Read(path, limit)
	if err != nil {
		return spec, err
	}
	if err = json.Unmarshal(text, &spec); err != nil || len(spec.Argv) == 0 || !isOurs(spec.Argv[0]) {
		return spec, fmt.Errorf("%s is not engram's: use 'jupyter kernelspec remove gonb' if you do not need it", dir)
	}
	return spec, nil
}

// isOurs reports whether a kernel's program is of a clone of engram: the starter, or, of earlier versions, GoNB itself.
func isOurs(program string) bool {
	return filepath.Base(program) == filepath.Base(kernelStarter) ||
		sysinfo.IsSources(filepath.Dir(filepath.Dir(program)))
}
