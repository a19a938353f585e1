package backend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pluginPathVariable is where go-xla, too, looks for plugins.
const pluginPathVariable = "PJRT_PLUGIN_LIBRARY_PATH"

// FindPlugins returns the path of the PJRT plugin file of each platform ("cpu", "cuda") that has one. The
// first folder of the search path that holds it wins: those of PJRT_PLUGIN_LIBRARY_PATH, the project's
// .venv (above the working directory, then above the executable), and go-xla's own.
func FindPlugins() map[string]string {
	found := map[string]string{}
	for _, platform := range []string{"cpu", "cuda"} {
		for _, dir := range searchPath() {
			path := filepath.Join(dir, pluginFile(platform))
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				found[platform] = path
				break
			}
		}
	}
	return found
}

func pluginFile(platform string) string { return "pjrt_c_api_" + platform + "_plugin.so" }

func searchPath() []string {
	var dirs []string
	for _, dir := range strings.Split(os.Getenv(pluginPathVariable), string(os.PathListSeparator)) {
		if dir != "" {
			absolute, err := filepath.Abs(dir)
			if err == nil {
				dirs = append(dirs, absolute)
			}
		}
	}
	if working, err := os.Getwd(); err == nil {
		dirs = append(dirs, venvAbove(working)...)
	}
	if executable, err := os.Executable(); err == nil {
		dirs = append(dirs, venvAbove(filepath.Dir(executable))...)
	}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "lib", "go-xla"))
	}
	dirs = append(dirs, "/usr/local/lib/go-xla")
	seen := map[string]bool{}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		again := seen[dir]
		seen[dir] = true
		return again
	})
}

// venvAbove returns the plugin folder of the nearest .venv in dir or a folder above it.
func venvAbove(dir string) []string {
	for {
		candidate := filepath.Join(dir, ".venv", "lib", "go-xla")
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			return []string{candidate}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}
