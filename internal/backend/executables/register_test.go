package executables_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"engram/internal/backend"
)

// child is the variable under which this test program computes a graph that is worth keeping and prints what came out.
const child = "ENGRAM_TEST_EXECUTABLES"

func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		os.Exit(m.Run())
	}
	b, _, err := backend.Open(backend.XLACPU)
	if err != nil {
		panic(err)
	}
	out, err := CallOnce(b, func(x *Node) *Node {
		for range 60 { // enough to compile for more than worthKeeping
			x = Tanh(Add(Dot(x, x).Product(), ReduceAllMean(x)))
		}
		return x
	}, [][]float32{{0.1, 0.2}, {0.3, 0.4}})
	if err != nil {
		panic(err)
	}
	if _, err := os.Stdout.WriteString(out.GoStr()); err != nil {
		panic(err)
	}
}

// compute runs the child on a folder.
func compute(t *testing.T, dir string) []byte {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), child+"=1", backend.KeepVariable+"="+dir)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What was compiled is kept and loaded by the next process, with the same result; a file that is cut, or holds another
// thing, is compiled anew and replaced.
func TestRegister(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	want := compute(t, dir)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatalf("%d files are kept, want 1: %v", len(files), files)
	}
	file := files[0]
	whole := read(t, file)
	inode := stat(t, file)
	if got := compute(t, dir); !bytes.Equal(got, want) {
		t.Errorf("loaded: %s, compiled: %s", got, want)
	}
	if !os.SameFile(stat(t, file), inode) {
		t.Error("what was kept was compiled again")
	}
	for name, data := range map[string][]byte{"cut": whole[:len(whole)/2], "empty": nil,
		"other": bytes.Repeat([]byte("x"), 100)} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := compute(t, dir); !bytes.Equal(got, want) {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
			if len(read(t, file)) < len(whole)/2 {
				t.Errorf("%s: the file was not replaced", name)
			}
		})
	}
}

// A folder that cannot be made keeps nothing, and "off" neither: the result is the same.
func TestWithoutFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if blocked, off := compute(t, filepath.Join(file, "below")), compute(t, "off"); !bytes.Equal(blocked, off) {
		t.Errorf("with a folder that cannot be: %s, without one: %s", blocked, off)
	}
}

// A folder that everybody may write is neither read nor written to, and the choice says so.
func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	compute(t, dir)
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
		t.Errorf("%v was kept in a folder that everybody may write", files)
	}
	t.Setenv(backend.KeepVariable, dir)
	_, choice, err := backend.Open(backend.XLACPU)
	if err != nil || !strings.Contains(choice.Why, dir+" can be written by everybody") {
		t.Errorf("the choice is %v, %v", choice, err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
