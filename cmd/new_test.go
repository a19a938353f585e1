package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"engram/internal/plain"
)

// TestOwnFolder makes a folder of one's own and uses its program: the folder's task is learned, evaluated, resumed,
// swept in processes and trained by a suite, whose processes are of the same program. engram itself says where the task
// is known.
func TestOwnFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "Ein Wörk, 2")
	out, said, code := runIn(t, packageDir, "new", dir)
	if code != 0 || !strings.Contains(out, "module own/ein-wrk-2") {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	in := func(name string, args ...string) string {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir = dir
		var errs bytes.Buffer
		command.Stderr = &errs
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s %v: %v: %s", name, args, err, errs.String())
		}
		return string(out)
	}
	in("go", "vet", "./...")
	in("go", "test", "./...")
	program := filepath.Join(dir, "bin", "engram")
	in("go", "build", "-o", program, ".")

	const sizes = " --backend go --hidden 32 --eval-every 0 --no-report --quiet"
	in(program, strings.Fields("train --task Recall --updates 350 --run runs/a"+sizes)...)
	var result struct {
		PerTrial float64 `json:"reward_per_trial"`
	}
	text := in(program, "eval", "--run", "runs/a", "--trials", "200", "--json")
	if err := json.Unmarshal([]byte(text), &result); err != nil || result.PerTrial < 0.9 {
		t.Errorf("trained, it earns %.2f a trial, want 0.9 or more (%v): %s", result.PerTrial, err, text)
	}
	in(program, "resume", "runs/a", "--no-report")
	in(program, strings.Fields("suite run --tasks Recall --seeds 1 --workers 1 --backend go --out runs/suite "+
		"--set hidden=6 --set input_size=4 --set batch=4 --set window=4 --set updates=12 --set learn_after=40")...)
	study, err := os.ReadFile(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "short.json"), strings.NewReplacer(`"trials": 16`, `"trials": 2`, `"updates": 400`,
		`"updates": 50`).Replace(string(study)), 0o644)
	in(program, strings.Fields("sweep run short.json --out runs/study --workers 2 --processes --quiet --backend go")...)
	var status struct{ Done bool }
	if text := in(program, "sweep", "status", "runs/study", "--json"); json.Unmarshal([]byte(text), &status) != nil ||
		!status.Done {
		t.Errorf("the sweep became %s", text)
	}

	_, said, code = run(t, "eval", "--run", filepath.Join(dir, "runs/a"))
	if code != 1 || !strings.Contains(said, `task "Recall" is unknown`) || !strings.Contains(said, "use 'go run .'") {
		t.Errorf("engram itself: exit %d: %s", code, said)
	}
	_, said, code = runIn(t, packageDir, "new", dir)
	if code != 1 || !strings.HasSuffix(said, "is not empty: use a new folder\n") ||
		strings.Count(said, "\n") != 1 {
		t.Errorf("a second time: exit %d: %s", code, said)
	}
}

// TestModuleName derives modules from odd names of folders.
func TestModuleName(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"paper": "own/paper", "My Paper": "own/my-paper", "engram": "own/engram", "fmt": "own/fmt", "Größe": "own/gre",
		"日本": "own/work", "-x-": "own/x", "internal": "own/internal-work", "a/b": "own/ab", "..": "own/work",
		"2026.11": "own/2026-11", "_test": "own/test",
	} {
		if name := moduleName(base); name != want {
			t.Errorf("%q: %s, want %s", base, name, want)
		}
	}
}

// TestNewRefuses gives 'engram new' folders that cannot be made.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "", 0o644)
	for path, want := range map[string]string{
		file:                                "is, or lies below, a file: use a new folder",
		filepath.Join(file, "below"):        "is, or lies below, a file: use a new folder",
		filepath.Join(t.TempDir(), "a\nb"):  "without control characters",
		filepath.Dir(file):                  "is not empty",
		filepath.Join(t.TempDir(), "\x1bx"): "without control characters",
	} {
		if _, err := makeFolder(path, filepath.Dir(packageDir)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
}

// A folder of one's own is made in a repository without files, and in a Go workspace, which it has to join.
func TestNewInOddPlaces(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	put(t, filepath.Join(above, "go.work"), "go 1.26.0\n", 0o644)
	dir := filepath.Join(above, "repository")
	if err := os.MkdirAll(filepath.Join(dir, ".git"), 0o777); err != nil {
		t.Fatal(err)
	}
	out, said, code := runIn(t, packageDir, "new", dir)
	if code != 0 || !strings.Contains(out, "\n  cd "+plain.Path(dir)+"\n  go work use .   #") {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	_, experiment, found := strings.Cut(runtime.Version(), "-X:") // of the test, which built the program
	if strings.Contains(out, "\n  export GOEXPERIMENT="+experiment+"   #") != found {
		t.Errorf("built with %s, it says %s", runtime.Version(), out)
	}
	for _, args := range []string{"work use .", "list -deps ./task"} {
		command := exec.Command("go", strings.Fields(args)...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v: %s", args, err, out)
		}
	}
}

// TestKernel installs and removes the kernel in a data directory, and leaves another's alone.
func TestKernel(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "with space")
	dir, clone := filepath.Join(data, "kernels", "gonb"), filepath.Dir(packageDir)
	if err := writeKernel(dir, clone); err != nil {
		t.Fatal(err)
	}
	if err := writeKernel(dir, clone); err != nil {
		t.Errorf("a second time: %v", err)
	}
	spec, err := readKernel(dir)
	if err != nil || spec.Argv[0] != filepath.Join(clone, kernelStarter) || spec.Env["ENGRAM_GO"] == "" {
		t.Errorf("%+v, %v", spec, err)
	}
	if out := ok(t, "kernel", "remove", "--data", data); !strings.HasSuffix(out, "gonb: removed\n") {
		t.Errorf("removal says %s", out)
	}
	if out := ok(t, "kernel", "remove", "--data", data); !strings.HasSuffix(out, "there is no Go kernel\n") {
		t.Errorf("a second removal says %s", out)
	}
	put(t, filepath.Join(dir, "kernel.json"), `{"argv": ["/opt/gonb", "--kernel"]}`, 0o644)
	if err := writeKernel(dir, clone); err == nil {
		t.Error("another's kernel was replaced")
	}
	_, said, code := run(t, "kernel", "remove", "--data", data)
	if code != 1 || !strings.Contains(said, "not engram's") {
		t.Errorf("another's kernel: exit %d: %s", code, said)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}
