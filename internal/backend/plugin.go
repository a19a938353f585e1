package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"engram/internal/backend/trust"
	"engram/internal/durable"
	"engram/internal/sysinfo"
)

// pluginPathVariable is where go-xla, too, looks for plugins.
const pluginPathVariable = "PJRT_PLUGIN_LIBRARY_PATH"

// FindPlugins returns the path of the PJRT plugin file of each platform ("cpu", "cuda") that has one. The first folder
// of the search path that holds it wins: those of PJRT_PLUGIN_LIBRARY_PATH, which are taken as they are; the .venv
// beside the executable or one folder above it; that of engram's own tree, above the executable or the working
// directory; and go-xla's own. A plugin is code: one that others may have written is left out (see trust).
func FindPlugins() map[string]string {
	found, _ := search()
	return found
}

// RefusedPlugins returns one line for each plugin that lies on the search path and is not loaded, with the reason.
func RefusedPlugins() []string {
	_, refused := search()
	return refused
}

// search looks for the plugin of each platform, and says which it left out.
func search() (found map[string]string, refused []string) {
	found = map[string]string{}
	for _, platform := range []string{"cpu", "cuda"} {
		for _, place := range searchPath() {
			path := filepath.Join(place.dir, pluginFile(platform))
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				continue
			}
			if err := place.check(path); err != nil {
				refused = append(refused, fmt.Sprintf("plugin %s is not loaded because %v", path, err))
			} else if found[platform] == "" {
				found[platform] = path
			}
		}
	}
	return found, refused
}

// PluginRelease returns the name and version of the Python package that setup installed a plugin from, such as
// "fastatomstruct_xla_cpu 2026.6.23"; "" if it is in none.
func PluginRelease(plugin string) string {
	const limit = 16 << 20 // far more than a list of a package's files takes
	file, err := filepath.EvalSymlinks(plugin)
	packages, inside, found := strings.Cut(file, "/site-packages/")
	if err != nil || !found {
		return ""
	}
	records, _ := filepath.Glob(filepath.Join(packages, "site-packages", "*.dist-info", "RECORD"))
	for _, record := range records {
		text, err := durable.Read(record, limit)
		if err == nil && strings.Contains("\n"+string(text), "\n"+inside+",") {
			name := strings.TrimSuffix(filepath.Base(filepath.Dir(record)), ".dist-info")
			return strings.Replace(name, "-", " ", 1)
		}
	}
	return ""
}

func pluginFile(platform string) string { return "pjrt_c_api_" + platform + "_plugin.so" }

// place is a folder of plugins.
type place struct {
	dir      string
	explicit bool   // named by the caller: nothing is asked of it
	foreign  bool   // of a .venv that is not in engram's own tree: nothing is loaded from it
	base     string // the folder from which on all must be trusted
	owners   []int  // whose files are trusted beside root's and the caller's
}

// check returns an error that says why a plugin of this place is not loaded.
func (p place) check(plugin string) error {
	switch {
	case strings.Contains(plugin, ","):
		return errors.New("go-xla takes what follows the comma in its path for options (move it)")
	case p.explicit:
		return nil
	case p.foreign:
		return fmt.Errorf("%s is not engram's own tree (name the folder in %s to load it)", p.base, pluginPathVariable)
	}
	if err := trust.CheckPath(plugin, p.base, p.owners...); err != nil {
		return fmt.Errorf("%w (mend that, or name the folder in %s)", err, pluginPathVariable)
	}
	return nil
}

// searchPath returns the places of plugins, the first before the others.
func searchPath() []place {
	places := namedPlaces()
	if executable, err := os.Executable(); err == nil {
		places = append(places, placesAbove(filepath.Dir(executable), 2, ownerOf(executable)...)...)
	}
	if sources := sysinfo.Sources(); sources != "" {
		places = append(places, placesAbove(sources, 0, ownerOf(sources)...)...)
	}
	if working, err := os.Getwd(); err == nil {
		places = append(places, placesAbove(working, 0)...)
	}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, ownPlace(filepath.Join(home, ".local", "lib", "go-xla"), home))
	}
	places = append(places, ownPlace("/usr/local/lib/go-xla", "/usr/local/lib/go-xla"))
	seen := map[string]bool{}
	return slices.DeleteFunc(places, func(p place) bool {
		again := seen[p.dir]
		seen[p.dir] = true
		return again
	})
}

// namedPlaces returns the folders that the caller names.
func namedPlaces() (places []place) {
	for _, dir := range strings.Split(os.Getenv(pluginPathVariable), string(os.PathListSeparator)) {
		if dir == "" {
			continue
		}
		if absolute, err := filepath.Abs(dir); err == nil {
			places = append(places, place{dir: absolute, explicit: true})
		}
	}
	return places
}

// placesAbove returns the plugin folders of the .venv in dir and in the folders above it, up to engram's own tree. The
// nearest ones, so many, are taken as they are; beyond them, only that of the tree is.
func placesAbove(dir string, nearest int, owners ...int) (places []place) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil
	}
	for depth := 0; ; depth++ {
		own := sysinfo.IsSources(dir)
		candidate := filepath.Join(dir, ".venv", "lib", "go-xla")
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			places = append(places, place{dir: candidate, foreign: depth >= nearest && !own, base: dir, owners: owners})
		}
		parent := filepath.Dir(dir)
		if own || parent == dir {
			return places
		}
		dir = parent
	}
}

// ownPlace returns a folder that must be trusted from base on.
func ownPlace(dir, base string) place {
	if resolved, err := filepath.EvalSymlinks(base); err == nil {
		base = resolved
	}
	return place{dir: dir, base: base}
}

// ownerOf returns the owner of an executable or of its sources: who runs it runs the owner's code already.
func ownerOf(path string) []int {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if status, known := info.Sys().(*syscall.Stat_t); known {
		return []int{int(status.Uid)}
	}
	return nil
}
