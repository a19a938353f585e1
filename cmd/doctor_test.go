package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	var d diagnosis
	if err := json.Unmarshal([]byte(ok(t, "doctor", "--json")), &d); err != nil {
		t.Fatal(err)
	}
	works := map[string]bool{}
	for _, f := range d.Backends {
		works[f.Backend] = f.Works
	}
	if !works["go"] || !works["xla:cpu"] || len(works) != 3 || d.Modules["github.com/gomlx/gomlx"] == "" {
		t.Errorf("the doctor says %+v", d)
	}
	if text := ok(t, "doctor"); !strings.Contains(text, "taken: ") {
		t.Errorf("the doctor says %q", text)
	}
}

// put writes a file and the folders above it.
func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorOfTheLab takes the parts of a laboratory away one by one: each is said to be missing, with its remedy.
func TestDoctorOfTheLab(t *testing.T) {
	project := t.TempDir()
	program, browser := filepath.Join(project, "bin/gonb"), filepath.Join(project, "chrome")
	kernel := filepath.Join(project, ".venv/share/jupyter/kernels/gonb/kernel.json")
	jupyter := filepath.Join(project, ".venv/lib/python3.11/site-packages/jupyterlab-4.6.6.dist-info")
	put(t, program, "#!/bin/sh\n", 0o755)
	put(t, browser, "#!/bin/sh\n", 0o755)
	put(t, filepath.Join(jupyter, "METADATA"), "", 0o644)
	starter := filepath.Join(project, kernelStarter)
	put(t, starter, "#!/bin/sh\n", 0o755)
	user := filepath.Join(project, "user")
	for _, path := range []string{kernel, filepath.Join(user, "kernels/gonb/kernel.json")} {
		put(t, path, `{"argv": ["`+starter+`", "{connection_file}"]}`, 0o644)
	}
	t.Setenv("JUPYTER_DATA_DIR", user)
	elsewhere := filepath.Join(t.TempDir(), kernelStarter)
	put(t, elsewhere, "#!/bin/sh\n", 0o755)
	put(t, filepath.Join(filepath.Dir(filepath.Dir(elsewhere)), "bin/gonb"), "#!/bin/sh\n", 0o755)
	t.Setenv("CHROMIUM", browser)
	t.Chdir(filepath.Join(project, "bin"))

	for _, p := range examineLab() {
		if !p.Works {
			t.Errorf("%s is there, and missed: %s", p.Name, p.Detail)
		}
	}
	for _, lost := range []struct {
		name, what, remedy string
		lose               func() error
	}{
		{"kernel", "another folder", "make lab", func() error {
			return os.WriteFile(kernel, []byte(`{"argv": ["`+elsewhere+`"]}`), 0o644)
		}},
		{"kernel", "not engram's", "make lab",
			func() error { return os.WriteFile(kernel, []byte(`{"argv"`), 0o644) }},
		{"kernel", "there is no", "make lab", func() error { return os.Remove(kernel) }},
		{"own Jupyter", "gonb cannot be run", "engram kernel install", func() error { return os.Remove(program) }},
		{"own Jupyter", "there is no", "engram kernel install", func() error { return os.RemoveAll(user) }},
		{"JupyterLab", ".venv", "make lab", func() error { return os.RemoveAll(jupyter) }},
		{"Chromium", browser, "apt-get install chromium", func() error { return os.Remove(browser) }},
	} {
		t.Run(lost.name, func(t *testing.T) {
			if err := lost.lose(); err != nil {
				t.Fatal(err)
			}
			for _, p := range examineLab() {
				if p.Name == lost.name && (p.Works || !strings.Contains(p.Detail, lost.what) ||
					!strings.Contains(p.Detail, lost.remedy)) {
					t.Errorf("without %s the doctor says %+v", lost.name, p)
				}
			}
		})
	}
}
