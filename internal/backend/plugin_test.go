package backend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPluginsAbove checks that above the working directory only a .venv of engram's own tree, which nobody else may
// write, is taken, and that another is named with the reason.
func TestPluginsAbove(t *testing.T) {
	for name, c := range map[string]struct {
		module string // the content of go.mod; empty for none
		open   string // what everybody may write, below the tree
		taken  bool
		reason string
	}{
		"engram's tree":  {module: "module engram\n\ngo 1.26\n", taken: true},
		"no tree":        {reason: "not engram's own tree"},
		"another module": {module: "module other\n", reason: "not engram's own tree"},
		"a longer name":  {module: "module engrams\n", reason: "not engram's own tree"},
		"named later":    {module: "// module other\nmodule engram\n", reason: "not engram's own tree"},
		"open tree":      {module: "module engram\n", open: ".", reason: "written by everybody"},
		"open .venv":     {module: "module engram\n", open: ".venv", reason: "written by everybody"},
		"open folder of plugins": {module: "module engram\n", open: ".venv/lib/go-xla",
			reason: "written by everybody"},
		"open plugin": {module: "module engram\n", open: "packages/library.so",
			reason: "written by everybody"},
		"open folder of the file": {module: "module engram\n", open: "packages", reason: "written by everybody"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := t.TempDir()
			plugin := plantPlugin(t, tree)
			if c.module != "" {
				write(t, filepath.Join(tree, "go.mod"), c.module)
			}
			if c.open != "" {
				if err := os.Chmod(filepath.Join(tree, c.open), 0o777); err != nil {
					t.Fatal(err)
				}
			}
			below := filepath.Join(tree, "notebooks", "deep")
			mkdir(t, below)
			only(t, "")
			t.Chdir(below)
			if got := FindPlugins()["cpu"] == plugin; got != c.taken {
				t.Errorf("taken: %v, want %v", got, c.taken)
			}
			said := strings.Join(RefusedPlugins(), "\n")
			if c.taken == strings.Contains(said, plugin) || !strings.Contains(said, c.reason) {
				t.Errorf("refused: %q, want %q", said, c.reason)
			}
			_, _, err := Open(XLACPU)
			if !c.taken && (!strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("error %v, want one line with %q", err, c.reason)
			}
			_, choice, err := Open("")
			if !c.taken && (err != nil || choice.Name != Go || !strings.Contains(choice.Why, c.reason)) {
				t.Errorf("without a request: %+v, %v", choice, err)
			}
			t.Setenv(pluginPathVariable, filepath.Dir(plugin))
			if FindPlugins()["cpu"] != plugin {
				t.Error("the folder that was named is not taken")
			}
		})
	}
}

// TestPluginsLinked checks that the .venv of a worktree may be a link to another tree's.
func TestPluginsLinked(t *testing.T) {
	tree, worktree := t.TempDir(), t.TempDir()
	plantPlugin(t, tree)
	write(t, filepath.Join(worktree, "go.mod"), "module engram\n")
	link(t, filepath.Join(tree, ".venv"), filepath.Join(worktree, ".venv"))
	only(t, "")
	t.Chdir(worktree)
	if FindPlugins()["cpu"] == "" {
		t.Errorf("the plugin is not found: %v", RefusedPlugins())
	}
	if err := os.Chmod(tree, 0o777); err != nil {
		t.Fatal(err)
	}
	if path := FindPlugins()["cpu"]; path != "" {
		t.Errorf("%s is taken, out of a folder that all may write", path)
	}
}

// TestPluginsWithComma checks that a path with a comma is refused: go-xla would load another file, named before the
// comma.
func TestPluginsWithComma(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a,b")
	mkdir(t, dir)
	write(t, filepath.Join(dir, pluginFile("cpu")), "")
	only(t, dir)
	if _, _, err := Open(XLACPU); err == nil || !strings.Contains(err.Error(), "the comma in its path") {
		t.Errorf("error %v", err)
	}
}

// TestPluginsOrder checks that the folder of the executable comes before the working directory, and a folder that is
// named before both.
func TestPluginsOrder(t *testing.T) {
	here, named := t.TempDir(), t.TempDir()
	plantPlugin(t, here)
	write(t, filepath.Join(here, "go.mod"), "module engram\n")
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	beside := filepath.Dir(executable)
	venv := filepath.Join(beside, ".venv")
	plantPlugin(t, beside)
	t.Cleanup(func() { os.RemoveAll(venv); os.RemoveAll(filepath.Join(beside, "packages")) })
	only(t, named)
	t.Chdir(here)
	if path := FindPlugins()["cpu"]; !strings.HasPrefix(path, venv) {
		t.Errorf("%s is taken, not the one beside the executable", path)
	}
	write(t, filepath.Join(named, pluginFile("cpu")), "")
	if path := FindPlugins()["cpu"]; !strings.HasPrefix(path, named) {
		t.Errorf("%s is taken, not the one that was named", path)
	}
}

// TestPluginsOfStrangers checks that a plugin of another user is not loaded, not even from engram's tree.
func TestPluginsOfStrangers(t *testing.T) {
	if os.Geteuid() != 0 { // only root can give a file away: package trust has these owners for everybody
		return
	}
	for _, whose := range []string{".", ".venv", ".venv/lib/go-xla", "packages/library.so"} {
		tree := t.TempDir()
		plantPlugin(t, tree)
		write(t, filepath.Join(tree, "go.mod"), "module engram\n")
		if err := os.Chown(filepath.Join(tree, whose), 65534, 0); err != nil {
			t.Fatal(err)
		}
		only(t, "")
		t.Chdir(tree)
		if path := FindPlugins()["cpu"]; path != "" || !strings.Contains(strings.Join(RefusedPlugins(), ""),
			"belongs to") {
			t.Errorf("%s of another user: %q is taken; %v", whose, path, RefusedPlugins())
		}
	}
}

// plantPlugin makes, below dir, what setup makes: a link in .venv to a library in another folder.
func plantPlugin(t *testing.T, dir string) string {
	t.Helper()
	packages, plugins := filepath.Join(dir, "packages"), filepath.Join(dir, ".venv", "lib", "go-xla")
	mkdir(t, packages)
	mkdir(t, plugins)
	library, plugin := filepath.Join(packages, "library.so"), filepath.Join(plugins, pluginFile("cpu"))
	write(t, library, "not a library")
	link(t, library, plugin)
	return plugin
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}
