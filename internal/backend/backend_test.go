package backend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// only makes a folder the only place of the search path.
func only(t *testing.T, dir string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv(pluginPathVariable, dir)
	t.Setenv(Environment, "")
}

// realPlugin returns the CPU plugin that setup installed.
func realPlugin(t *testing.T) string {
	t.Helper()
	path, found := FindPlugins()["cpu"]
	if !found {
		t.Fatal("the CPU plugin is missing: run 'make setup'")
	}
	return path
}

func TestChoice(t *testing.T) {
	plugin := realPlugin(t)
	for _, c := range []struct{ variable, request, want, why string }{
		{"", "", XLACPU, "was found"},
		{"", "auto", XLACPU, "was found"},
		{"", "go", Go, "asked for"},
		{"", "xla:cpu", XLACPU, "asked for"},
		{"go", "", Go, Environment + " is set"},
		{"go", "xla:cpu", XLACPU, "asked for"}, // a request goes before the variable
	} {
		only(t, filepath.Dir(plugin))
		t.Setenv(Environment, c.variable)
		b, choice, err := Open(c.request)
		if err != nil || choice.Name != c.want || !strings.Contains(choice.Why, c.why) {
			t.Errorf("%+v: %+v, %v", c, choice, err)
			continue
		}
		sum, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node { return graph.Add(x, x) }, float32(21))
		if err != nil || sum.Value() != float32(42) {
			t.Errorf("%+v: 21 + 21 = %v, %v", c, sum, err)
		}
	}
}

func TestMissing(t *testing.T) {
	only(t, t.TempDir())
	if _, choice, err := Open(""); err != nil || choice.Name != Go || !strings.Contains(choice.Why, "make setup") {
		t.Errorf("without a plugin: %+v, %v", choice, err)
	}
	for request, want := range map[string]string{"xla:cpu": "make setup", "xla:cuda": "scripts/setup.sh --cuda",
		"tpu": "unknown backend"} {
		t.Run(request, func(t *testing.T) {
			if _, _, err := Open(request); err == nil || !strings.Contains(err.Error(), want) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v, want one line with %q", request, err, want)
			}
		})
	}
	t.Setenv(Environment, "tpu")
	if _, _, err := Open(""); err == nil {
		t.Error("an unknown backend in the variable was taken")
	}
}

// TestOptions checks that a backend that takes no options refuses them, whether they come from a flag or from the
// variable.
func TestOptions(t *testing.T) {
	only(t, filepath.Dir(realPlugin(t)))
	for _, request := range []string{"go,foo", "go,", "auto,x", ",x", "go,parallelism=4,ops=x", "xla:cpu,nonsense"} {
		t.Setenv(Environment, request)
		for how, asked := range map[string]string{"flag": request, "variable": ""} {
			_, choice, err := Open(asked)
			if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "option") ||
				strings.Contains(err.Error(), "setup") {
				t.Errorf("%s %s: %+v, error %v, want one line on options", how, request, choice, err)
			}
		}
	}
}

// TestBroken checks that a plugin that does not load is reported in one line with the remedy. Without a request the Go
// backend is taken.
func TestBroken(t *testing.T) {
	plugin := realPlugin(t)
	head := make([]byte, 1<<16)
	file, err := os.Open(plugin)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Read(head); err != nil {
		t.Fatal(err)
	}
	hints := map[string]string{"cpu": "make clean setup", "cuda": "--gpus all"}
	for name, content := range map[string][]byte{"text": []byte("not a library\n"), "empty": nil, "cut": head,
		"hardly begun": head[:40]} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for platform := range hints {
				if err := os.WriteFile(filepath.Join(dir, pluginFile(platform)), content, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			only(t, dir)
			for platform, hint := range hints {
				if _, _, err := Open("xla:" + platform); err == nil || !strings.Contains(err.Error(), dir) ||
					!strings.Contains(err.Error(), hint) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s, %s: error %v", platform, name, err)
				}
			}
			if _, choice, err := Open(""); err != nil || choice.Name != Go ||
				!strings.Contains(choice.Why, "does not load") {
				t.Errorf("%s: %+v, %v", name, choice, err)
			}
		})
	}
}
