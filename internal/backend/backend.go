// Package backend opens the GoMLX backend that a run computes on: XLA through a PJRT plugin (CPU or CUDA), or
// GoMLX's pure-Go backend, which needs no installation.
//
// The rule: an explicit request, from a flag or from the variable GOMLX_BACKEND, is obeyed or fails with an
// explanation. Without one, XLA is used if a plugin is found and works, else the Go backend; Choice.Why gives the
// reason.
//
// Only this package imports XLA, so that programs which do not train link without it. Notebook cells, which cannot
// import it, use lab/live and gobackend.
package backend

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"

	"engram/gobackend"
	"engram/internal/backend/executables"
	"engram/internal/memory"
)

// Environment is the variable that requests a backend where no flag does.
const Environment = "GOMLX_BACKEND"

// The names a request may have. A GoMLX option list may follow XLA's after a comma, e.g. "xla:cuda,tf32=false".
const (
	Auto    = "auto"
	Go      = "go"
	XLACPU  = "xla:cpu"
	XLACUDA = memory.GPUBackend
)

// Choice says which backend was opened and why.
type Choice struct {
	Name   string `json:"name"`             // xla:cpu, xla:cuda or go
	Why    string `json:"why"`              // one line
	Plugin string `json:"plugin,omitempty"` // path of the PJRT plugin
}

// String returns the choice in one line.
func (c Choice) String() string { return fmt.Sprintf("%s (%s)", c.Name, c.Why) }

func init() {
	// Without this, opening XLA would try to download a plugin.
	xla.EnableAutoInstall(false)
}

// Open opens the requested backend: "xla:cpu", "xla:cuda", "go", or "auto" or "" to choose. An empty request
// takes the variable GOMLX_BACKEND where that is set.
func Open(request string) (compute.Backend, Choice, error) {
	why := "asked for"
	if request == "" {
		if request = os.Getenv(Environment); request != "" {
			why = Environment + " is set"
		}
	}
	name, options, more := strings.Cut(request, ",")
	if more && (name == "" || name == Auto || name == Go) {
		return nil, Choice{}, fmt.Errorf("backend %q: only xla:cpu and xla:cuda take options: use %q", request,
			cmp.Or(name, Auto))
	}
	switch name {
	case "", Auto:
		return openBest()
	case Go:
		b, err := gobackend.Open()
		return b, Choice{Name: Go, Why: why}, err
	case XLACPU, "xla", XLACUDA:
		platform := "cpu"
		if name == XLACUDA {
			platform = "cuda"
		}
		return openXLA(platform, options, why)
	}
	return nil, Choice{}, fmt.Errorf("unknown backend %q: use xla:cpu, xla:cuda, go or auto", request)
}

// openBest opens XLA on a GPU, else XLA on the CPU, else the Go backend.
func openBest() (compute.Backend, Choice, error) {
	plugins, refused := search()
	var failures []string
	for _, platform := range []string{"cuda", "cpu"} {
		if _, found := plugins[platform]; !found {
			continue
		}
		b, choice, err := openXLA(platform, "", "its plugin was found")
		if err == nil {
			return b, choice, nil
		}
		failures = append(failures, err.Error())
	}
	why := "no XLA plugin was found; 'make setup' installs the CPU one"
	if notes := append(failures, refused...); len(notes) > 0 {
		why = strings.Join(notes, "; ")
	}
	b, err := gobackend.Open()
	return b, Choice{Name: Go, Why: why}, err
}

// installHint tells how a platform's plugin is installed, and loadHint what helps if it does not load.
var (
	installHint = map[string]string{"cpu": "run 'make setup'", "cuda": "run 'scripts/setup.sh --cuda' (3 GB)"}
	loadHint    = map[string]string{
		"cpu": "run 'make clean setup'",
		"cuda": "it needs an NVIDIA GPU and its driver, which 'nvidia-smi' shows and a container is given by" +
			" '--gpus all'",
	}
)

// clientOptions are those of a platform's plugin. XLA's CPU plugin has four devices unless told otherwise, and at least
// as many threads as devices: on two cores, or where NPROC asks for one thread, the others look for work in vain and
// took two fifths of the processor.
var clientOptions = map[string]pjrt.NamedValuesMap{"cpu": {"cpu_device_count": int64(1)}}

func openXLA(platform, options, why string) (compute.Backend, Choice, error) {
	name := "xla:" + platform
	path, found := FindPlugins()[platform]
	if !found {
		return nil, Choice{}, missing(platform)
	}
	err := checkLibrary(path)
	if err == nil {
		err = checkSum(path)
	}
	var b compute.Backend
	if err == nil {
		b, err = open(func() (compute.Backend, error) {
			if err := keepExecutables(platform, path); err != nil {
				return nil, err
			}
			return xla.NewWithOptions(join(path, options), clientOptions[platform])
		})
	}
	if err != nil && options != "" && strings.Contains(err.Error(), "option") {
		return nil, Choice{}, fmt.Errorf("backend %s: options %q: %s: use %s without them", name, options,
			firstLine(err), name)
	}
	if err != nil {
		return nil, Choice{}, fmt.Errorf("backend %s: plugin %s does not load (%s): %s, or use --backend go",
			name, path, firstLine(err), loadHint[platform])
	}
	if dir := keepFolder(platform); dir != "" {
		if notice := executables.Notice(dir); notice != "" {
			why += "; " + notice
		}
	}
	return b, Choice{Name: name, Why: why, Plugin: path}, nil
}

// missing returns the error of a platform without a plugin: where it was looked for, and what was refused.
func missing(platform string) error {
	var dirs []string
	for _, place := range searchPath() {
		dirs = append(dirs, place.dir)
	}
	why := "no plugin " + pluginFile(platform) + " in " + strings.Join(dirs, ", ")
	for _, line := range RefusedPlugins() {
		if strings.Contains(line, pluginFile(platform)) {
			why += "; " + line
		}
	}
	return fmt.Errorf("backend xla:%s: %s: %s, or use --backend go", platform, why, installHint[platform])
}

// KeepVariable is the variable that names the folder in which compiled programs are kept; "off" keeps none. If it is
// unset, they are kept in the user's cache folder.
const KeepVariable = "ENGRAM_XLA_CACHE"

// keepExecutables makes the CPU plugin load what it compiled before.
func keepExecutables(platform, path string) error {
	if dir := keepFolder(platform); dir != "" {
		return executables.Register(path, dir)
	}
	return nil
}

// keepFolder returns the folder in which compiled programs are kept; "" where none are.
func keepFolder(platform string) string {
	dir := os.Getenv(KeepVariable)
	if platform != "cpu" || dir == "off" {
		return ""
	}
	if dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil { // no home: nothing is kept
		return ""
	}
	return filepath.Join(cache, "engram", "xla")
}

// open calls construct and turns a panic, which is how GoMLX reports some failures, into an error.
func open(construct func() (compute.Backend, error)) (b compute.Backend, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return construct()
}

func join(path, options string) string {
	if options == "" {
		return path
	}
	return path + "," + options
}

// firstLine returns an error's text without the stack trace that some errors print after it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
