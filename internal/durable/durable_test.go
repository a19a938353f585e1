package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReplaceFollowsUmask checks the permissions of a replaced file, and that a failed write leaves the file as it was.
func TestReplaceFollowsUmask(t *testing.T) {
	for umask, want := range map[int]os.FileMode{0o077: 0o600, 0o022: 0o644, 0o002: 0o664} {
		before := syscall.Umask(umask)
		path := filepath.Join(t.TempDir(), "a")
		err := ReplaceBytes(path, []byte("one"))
		syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("umask %o: mode %v, %v, want %o", umask, info.Mode(), err, want)
		}
		full := errors.New("disk full")
		if err := Replace(path, func(w io.Writer) error { io.WriteString(w, "tw"); return full }); !errors.Is(err,
			full) {
			t.Errorf("error %v", err)
		}
		if data, err := os.ReadFile(path); string(data) != "one" || err != nil {
			t.Errorf("after a failed write: %q, %v", data, err)
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || err != nil {
			t.Errorf("left behind: %v, %v", entries, err)
		}
	}
}

// TestReadRefuses checks that a FIFO, a device, a folder and an endless file are refused at once.
func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	fifo, sparse := filepath.Join(dir, "fifo"), filepath.Join(dir, "sparse")
	if err := errors.Join(syscall.Mkfifo(fifo, 0o644), os.WriteFile(sparse, nil, 0o644),
		os.Truncate(sparse, 4<<40)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, "/dev/zero"} {
		var not NotRegular
		if _, err := Read(path, 10); !errors.As(err, &not) || not.Path != path ||
			strings.Contains(err.Error(), "remove") { // it is not engram's
			t.Errorf("%s: error %v", path, err)
		}
	}
	var large TooLarge
	if _, err := Read(sparse, 10); !errors.As(err, &large) || large.Size != 4<<40 {
		t.Errorf("sparse: error %v", err)
	}
	if err := os.WriteFile(sparse, []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(sparse, 10); err != nil || string(data) != "0123456789" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := Read(sparse, 9); !errors.As(err, &large) {
		t.Errorf("one byte more than the limit: %v", err)
	}
}

// TestRemoveLeft checks that a file that a living process writes stays, that one of a dead process goes, and that
// nothing else does.
func TestRemoveLeft(t *testing.T) {
	dir := t.TempDir()
	left, other := filepath.Join(dir, ".new-1"), filepath.Join(dir, "kept")
	if err := errors.Join(os.WriteFile(left, nil, 0o644), os.WriteFile(other, nil, 0o644),
		os.Mkdir(filepath.Join(dir, ".new-2"), 0o755)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a")
	err := Replace(path, func(w io.Writer) error {
		RemoveLeft(dir, BesidePrefix)
		_, err := io.WriteString(w, "whole")
		return err
	})
	if data, readErr := os.ReadFile(path); err != nil || readErr != nil || string(data) != "whole" {
		t.Errorf("a living writer's file: %q, %v, %v", data, err, readErr)
	}
	for name, want := range map[string]bool{".new-1": false, "kept": true, ".new-2": true} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Lstat(filepath.Join(dir, name)); (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestReplacePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"old", "new"} {
		if err := ReplacePrivate(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		info, failed := os.Stat(path)
		if err != nil || failed != nil || string(data) != text || info.Mode().Perm() != 0o600 {
			t.Errorf("%q, %v, %v, %v, want %q with 0600", data, info.Mode(), err, failed, text)
		}
	}
}

// TestReplaceKeepsFolders checks that a folder is not taken for a file, and that nothing is left beside it.
func TestReplaceKeepsFolders(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "folder")
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceBytes(path, nil); err == nil || !strings.Contains(err.Error(), "is a folder: name a file") {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

// A file is made once: the second one finds it, and changes and leaves nothing.
func TestCreateBytes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := CreateBytes(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := CreateBytes(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made again: error %v", err)
	}
	data, err := os.ReadFile(path)
	left, errDir := os.ReadDir(dir)
	if err != nil || errDir != nil || string(data) != "first" || len(left) != 1 {
		t.Errorf("%q, %v, and %v, %v beside it", data, err, left, errDir)
	}
}
