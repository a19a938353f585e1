package trust

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPath gives away, or opens to others, each part of a path in turn: the file, each folder above it, a link on the
// way, and what a link leads to.
func TestPath(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not root: what others own cannot be made here; what others may write can")
	}
	const nobody = 65534
	give := func(path string) error { return os.Lchown(path, nobody, nobody) }
	open := func(mode os.FileMode) func(string) error {
		return func(path string) error { return os.Chmod(path, mode) }
	}
	group := func(path string) error {
		return errors.Join(os.Lchown(path, os.Geteuid(), nobody), os.Chmod(path, 0o775))
	}
	for _, c := range []struct {
		name, part string // below the root of the test
		change     func(string) error
		want       string // in the error; "" where there is none
		root       bool   // only root can make it so
	}{
		{"untouched", "", nil, "", false},
		{"the file is another's", "real/lib/plugin.so", give, "belongs to user 65534", true},
		{"its folder is another's", "real/lib", give, "belongs to user 65534", true},
		{"a folder above is another's", "real", give, "belongs to user 65534", true},
		{"the link is another's", "link", give, "belongs to user 65534", true},
		{"everybody writes the file", "real/lib/plugin.so", open(0o666), "may be written by everybody", false},
		{"everybody writes its folder", "real/lib", open(0o777), "may be written by everybody", false},
		{"everybody writes a folder above", "real", open(0o777), "may be written by everybody", false},
		{"another group writes its folder", "real/lib", group, "may be written by group 65534", true},
		{"everybody adds to a folder above", "real", open(0o777 | os.ModeSticky), "", false},
	} {
		if c.root && os.Geteuid() != 0 {
			continue
		}
		dir := t.TempDir()
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "real", "lib"), 0o755),
			os.WriteFile(filepath.Join(dir, "real", "lib", "plugin.so"), nil, 0o644),
			os.Symlink("real/../real", filepath.Join(dir, "link"))); err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			if err := c.change(filepath.Join(dir, c.part)); err != nil {
				t.Fatal(err)
			}
		}
		err := Path(filepath.Join(dir, "link", "lib", "plugin.so"))
		var refused Refused
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "":
		case !errors.As(err, &refused) || !strings.Contains(err.Error(), filepath.Join(dir, c.part)+" "+c.want):
			t.Errorf("%s: error %v, want one of %s with %q", c.name, err, c.part, c.want)
		}
	}
}

// TestLoop checks that a path that leads to itself, and one that leads nowhere, are errors.
func TestLoop(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Symlink("b", filepath.Join(dir, "a")), os.Symlink("a", filepath.Join(dir, "b"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "a/x", "missing"} {
		if err := Path(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is trusted", name)
		}
	}
}
