package executables

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newTestStore(t *testing.T) *store {
	t.Helper()
	plugin := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.WriteFile(plugin, []byte("plugin"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := newStore(t.TempDir(), plugin)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Files differ by each part, by where one part ends and the next begins, by XLA's flags and by the plugin.
func TestFile(t *testing.T) {
	s := newTestStore(t)
	plain, err := newStore(s.dir, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NPROC", "7")
	threads, err := newStore(s.dir, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XLA_FLAGS", "--other")
	flags, err := newStore(s.dir, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for name, file := range map[string]kept{
		"ab, c": s.file([]byte("ab"), []byte("c")), "a, bc": s.file([]byte("a"), []byte("bc")),
		"abc":                    s.file([]byte("abc")),
		"another plugin of ours": plain.file([]byte("abc")), "other threads": threads.file([]byte("abc")),
		"other flags": flags.file([]byte("abc")), "another plugin": newTestStore(t).file([]byte("abc")),
	} {
		t.Run(name, func(t *testing.T) {
			key := filepath.Base(file.path)
			if other, found := seen[key]; found {
				t.Errorf("%s and %s share a file", name, other)
			}
			seen[key] = name
		})
	}
	if a, b := s.file([]byte("a")), s.file([]byte("a")); a != b {
		t.Errorf("the same program has two files: %v and %v", a, b)
	}
}

// An executable with any byte flipped, or cut anywhere, is as none.
func TestDamaged(t *testing.T) {
	k := newTestStore(t).file([]byte("program"))
	executable := []byte("executable")
	k.write(executable)
	if got := k.read(); !bytes.Equal(got, executable) {
		t.Fatalf("it is read as %q", got)
	}
	whole, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, data []byte) {
		if err := os.WriteFile(k.path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := k.read(); got != nil {
			t.Errorf("%s: read as %q", what, got)
		}
	}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		refused(fmt.Sprintf("byte %d flipped", i), flipped)
		refused(fmt.Sprintf("cut at %d", i), whole[:i])
	}
}

// The store keeps the executables used last, up to its limit.
func TestPrune(t *testing.T) {
	s := newTestStore(t)
	file := func(i int) kept { return s.file(fmt.Append(nil, i)) }
	for i := range limit {
		file(i).write([]byte{1, byte(i)})
		old := time.Now().Add(time.Duration(i-2*limit) * time.Minute)
		if err := os.Chtimes(file(i).path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if got := file(0).read(); !bytes.Equal(got, []byte{1, 0}) { // which is then the one used last
		t.Fatalf("the first is read as %v", got)
	}
	file(limit).write([]byte{2})
	if file(0).read() == nil || file(limit).read() == nil {
		t.Error("what was used last is gone")
	}
	if file(1).read() != nil {
		t.Error("what was used longest ago is still there")
	}
	if names, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(names) != limit {
		t.Errorf("%d files, want %d", len(names), limit)
	}
}

// An executable under the name of another program, or summed without its program as old files are, is as none.
func TestSwapped(t *testing.T) {
	s := newTestStore(t)
	a, b := s.file([]byte("a")), s.file([]byte("b"))
	a.write([]byte("executable of a"))
	b.write([]byte("executable of b"))
	aside := filepath.Join(s.dir, "aside")
	for _, move := range [][2]string{{a.path, aside}, {b.path, a.path}, {aside, b.path}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
	}
	for name, k := range map[string]kept{"a": a, "b": b} {
		t.Run(name, func(t *testing.T) {
			if got := k.read(); got != nil {
				t.Errorf("%s is read as %q", name, got)
			}
		})
	}
	old := sha256.Sum256([]byte("executable of a"))
	if err := os.WriteFile(a.path, append(old[:], "executable of a"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := a.read(); got != nil {
		t.Errorf("an old file is read as %q", got)
	}
	a.write([]byte("again"))
	if got := a.read(); string(got) != "again" {
		t.Errorf("what replaced it is read as %q", got)
	}
}

// A file that others may write is as none, and is replaced; a folder that they may write is left alone. Both are said.
func TestOpenToOthers(t *testing.T) {
	s := newTestStore(t)
	k := s.file([]byte("program"))
	k.write([]byte("executable"))
	if notice := Notice(s.dir); notice != "" {
		t.Errorf("of our own folder: %s", notice)
	}
	chmod(t, k.path, 0o666)
	if got := k.read(); got != nil {
		t.Errorf("what everybody may write is read as %q", got)
	}
	if notice := Notice(s.dir); !strings.Contains(notice, k.path) || strings.Contains(notice, "\n") {
		t.Errorf("the notice is %q, want one line that names %s", notice, k.path)
	}
	k.write([]byte("executable"))
	if got := k.read(); string(got) != "executable" {
		t.Errorf("what replaced it is read as %q", got)
	}
	chmod(t, s.dir, 0o777)
	if err := checkFolder(s.dir); err == nil {
		t.Error("a folder that everybody may write is used")
	}
	if notice := Notice(s.dir); !strings.Contains(notice, s.dir+" can be written by everybody") {
		t.Errorf("the notice is %q", notice)
	}
	if err := checkFolder(filepath.Join(s.dir, "new")); err != nil {
		t.Errorf("a folder that is not there yet: %v", err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
