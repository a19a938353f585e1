package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWritable checks the error of each place where nothing can be written, and that a place where something can stays
// as it is.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(in("file"), []byte("old"), 0o444), os.Mkdir(in("folder"), 0o777),
		syscall.Mkfifo(in("fifo"), 0o666), os.Symlink("nowhere", in("link")),
		os.Symlink("folder", in("folder link"))); err != nil {
		t.Fatal(err)
	}
	long, deep := in(strings.Repeat("a", 300)), in(strings.Repeat("a/", 2500)+"a")
	const tooLong = "file name too long: use a shorter one"
	missing := "its folder " + in("no/such") + " does not exist: make it"
	for path, want := range map[string][2]string{ // the error of a file, and of a folder; "": none
		in("file"):                      {"", "is not a folder: name another"},
		in("new"):                       {"", ""},
		in("link"):                      {"", "name one in a folder that you can write"},
		in("folder"):                    {"is a folder: name a file", ""},
		in("folder link"):               {"is a folder: name a file", ""},
		in("fifo"):                      {"is a FIFO, not a regular file", "is not a folder: name another"},
		"/dev/null":                     {"is a device, not a regular file", "is not a folder: name another"},
		in("file/a"):                    {"not a directory: name one in a folder", "is not a folder: name another"},
		in("no/such/a"):                 {missing, ""},
		"/proc/a":                       {"/proc/a cannot be written: ", "/proc/a cannot be written: "},
		long:                            {tooLong, tooLong},
		deep:                            {tooLong, tooLong},
		in("no/" + filepath.Base(long)): {"does not exist: make it", tooLong},
		"":                              {"has no name: give it one", "has no name: give it one"},
	} {
		for i, err := range []error{Writable(path), WritableFolder(path)} {
			switch {
			case want[i] == "" && err != nil:
				t.Errorf("%s: %v", path, err)
			case want[i] != "" && (err == nil || !strings.Contains(err.Error(), want[i]) || len(err.Error()) > 900 ||
				strings.Contains(err.Error(), BesidePrefix)):
				t.Errorf("%s: %v, want %s", path, err, want[i])
			}
		}
		if want[0] != "" && ReplaceBytes(path, nil) == nil {
			t.Errorf("%s is replaced", path)
		}
	}
	left, err := os.ReadDir(dir)
	data, readErr := os.ReadFile(in("file"))
	if err != nil || readErr != nil || len(left) != 5 || string(data) != "old" {
		t.Errorf("left %v, %v and %q, %v", left, err, data, readErr)
	}
}
