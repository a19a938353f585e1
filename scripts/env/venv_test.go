// Package env tests the shell function that makes every Python environment of the project.
package env

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstallRequirements calls install_requirements for a package in a local folder: with the remains of another
// environment, twice at once, without a network, after an interruption, and with a wrong hash.
func TestInstallRequirements(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	wheel := tinyWheel(t)
	write(t, filepath.Join(root, "wheels", "tiny-1.0-py3-none-any.whl"), wheel)
	write(t, filepath.Join(root, "requirements", "tiny.txt"), fmt.Appendf(nil, "tiny==1.0 --hash=sha256:%x\n",
		sha256.Sum256(wheel)))
	python := filepath.Join(root, ".venv-tiny", "bin", "python")
	if err := os.MkdirAll(filepath.Dir(python), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "a Python that was removed"), python); err != nil {
		t.Fatal(err)
	}

	const once = `install_requirements .venv-tiny tiny "one package"`
	said := succeeds(t, root, "wheels", once+" & "+once+"; wait $!; .venv-tiny/bin/python -c 'import tiny'")
	if strings.Count(said, "installing one package into .venv-tiny") != 1 {
		t.Errorf("two calls at once printed\n%s", said)
	}
	if said := succeeds(t, root, "nowhere", once); said != "" {
		t.Errorf("a second call without a network printed\n%s", said)
	}

	stamp := filepath.Join(root, ".venv-tiny", "installed-tiny")
	if err := os.Remove(stamp); err != nil {
		t.Fatal(err)
	}
	if said := succeeds(t, root, "wheels", once); !strings.Contains(said, "installing one package") {
		t.Errorf("a call after an interrupted one printed\n%s", said)
	}

	write(t, filepath.Join(root, "wheels", "tiny-2.0-py3-none-any.whl"), wheel)
	write(t, filepath.Join(root, "requirements", "tiny.txt"), fmt.Appendf(nil, "tiny==2.0 --hash=sha256:%064d\n", 1))
	said = succeeds(t, root, "wheels",
		once+` || echo "the caller saw it"; is_installed .venv-tiny tiny || echo "repeat"`)
	for _, want := range []string{"pip failed with code 1", "DO NOT MATCH THE HASHES", "the caller saw it", "repeat"} {
		if !strings.Contains(said, want) {
			t.Errorf("with a wrong hash it printed no %q but\n%s", want, said)
		}
	}
}

// TestProgress runs commands that print something odd, fail, say nothing or are stopped. While one runs its latest line
// is shown; one that fails hands on its code and shows the end of what it printed; one that is stopped does not run on.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ commands, want string }{
		"long": {`log_failure job log bash -c '
				printf "a \033[2Jline\n"; until grep -q line said; do sleep 0.1; done' 2> said
			grep -cE '^    job: [0-9]+ s  a \[2Jline$' said`, "1\n"},
		"short": {`log_failure job log true; ls -A`, ""},
		"failing": {`log_failure job log bash -c 'seq 13; exit 3' || echo "code $?"; ls -A`,
			"job failed with code 3; the end of what it printed:\n" +
				"    2\n    3\n    4\n    5\n    6\n    7\n    8\n    9\n    10\n    11\n    12\n    13\ncode 3\n"},
		"stopped": {`with_progress job log bash -c 'echo $$ > pid; exec sleep 600' &
			until [ -s pid ]; do sleep 0.1; done
			kill $!; wait $! || echo "stopped"; ! kill -0 $(cat pid) 2> /dev/null`, "stopped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said := succeeds(t, t.TempDir(), "", c.commands); said != c.want {
				t.Errorf("it printed %q, want %q", said, c.want)
			}
		})
	}
}

// TestPythonRefusesAnUnknownName calls python.sh with a name that no requirements have.
func TestPythonRefusesAnUnknownName(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("./python.sh", "redaers", "script.py").CombinedOutput()
	if err == nil || !strings.Contains(string(out),
		"invalid environment redaers: use readers, optuna, environments, neurogym, site or reference") {
		t.Errorf("%v, and it printed %s", err, out)
	}
}

// succeeds runs call and returns what was printed; a failure is the test's.
func succeeds(t *testing.T, root, wheels, commands string) string {
	t.Helper()
	out, err := call(root, wheels, commands)
	if err != nil {
		t.Fatalf("%s: %v: %s", commands, err, out)
	}
	return out
}

// call runs commands in root, where pip finds packages in the folder wheels alone, and returns what they printed.
func call(root, wheels, commands string) (string, error) {
	script, err := filepath.Abs("venv.sh")
	if err != nil {
		return "", err
	}
	shell := exec.Command("bash", "-euo", "pipefail", "-c", ". \""+script+"\"; "+commands)
	shell.Dir = root
	shell.Env = append(os.Environ(), "PIP_NO_INDEX=1", "PIP_FIND_LINKS="+filepath.Join(root, wheels))
	out, err := shell.CombinedOutput()
	return string(out), err
}

// tinyWheel returns a Python package of one empty module.
func tinyWheel(t *testing.T) []byte {
	t.Helper()
	var wheel bytes.Buffer
	archive := zip.NewWriter(&wheel)
	for _, file := range [][2]string{
		{"tiny.py", ""},
		{"tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"},
		{"tiny-1.0.dist-info/WHEEL",
			"Wheel-Version: 1.0\nGenerator: engram\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{"tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\n" +
			"tiny-1.0.dist-info/RECORD,,\n"},
	} {
		w, err := archive.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return wheel.Bytes()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
