// Package trust decides whether code on the disk may be run: as git's safe.directory and ssh do, only where nobody but
// its user and root could have put it there.
package trust

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"engram/internal/plain"
)

// Refused is the error of a file or folder that others own or may write.
type Refused struct {
	Path string
	Why  string // "belongs to user 65534", "may be written by everybody"
	Help string // the command that mends it; empty where there is none but to name another place
}

// Error implements error.
func (r Refused) Error() string {
	said := plain.Text(r.Path) + " " + r.Why
	if r.Help != "" {
		said += " ('" + plain.Text(r.Help) + "' ends that)"
	}
	return said
}

// links is the number of symbolic links after which a path counts as a loop.
const links = 40

// Path returns an error unless the file or folder at path, every folder above it, and every symbolic link on the way
// and what it leads to, belong to root or the caller and may be written by nobody else.
func Path(path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	at, left := "/", parts(absolute)
	if err := entry(at); err != nil {
		return err
	}
	for followed := 0; len(left) > 0; {
		next := filepath.Join(at, left[0])
		left = left[1:]
		if err := entry(next); err != nil {
			return err
		}
		target, err := os.Readlink(next)
		if err != nil { // no link
			at = next
			continue
		}
		if followed++; followed > links {
			return fmt.Errorf("%s: %w", path, syscall.ELOOP)
		}
		left = append(parts(target), left...)
		if filepath.IsAbs(target) {
			at = "/"
		}
	}
	return nil
}

func parts(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == filepath.Separator })
}

func entry(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if err := owned(path, info); err != nil || info.Mode()&fs.ModeSymlink != 0 { // a link's own mode says nothing
		return err
	}
	return unwritable(path, info)
}

// Info returns an error unless what info describes, of the name path, belongs to root or the caller and may be written
// by nobody else. It says nothing of the folders above: for a file that is open already.
func Info(path string, info fs.FileInfo) error {
	if err := owned(path, info); err != nil {
		return err
	}
	return unwritable(path, info)
}

func owned(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	return Refused{Path: path, Why: "belongs to user " + strconv.Itoa(int(stat.Uid))}
}

// unwritable refuses what others may write. A group may that is the owner's own, of the same number, as a umask of 002
// presumes; and everybody may add to a folder such as /tmp, from which only owners remove (the sticky bit).
func unwritable(path string, info fs.FileInfo) error {
	sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case sticky:
		return nil
	case info.Mode()&0o002 != 0:
		return EverybodyWrites(path, info)
	case info.Mode()&0o020 != 0 && ok && stat.Gid != stat.Uid:
		return Refused{path, "may be written by group " + strconv.Itoa(int(stat.Gid)), "chmod g-w " + path}
	}
	return nil
}

// EverybodyWrites returns an error where everybody may write the file or folder that info describes.
func EverybodyWrites(path string, info fs.FileInfo) error {
	if info.Mode()&0o002 == 0 || info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
		return nil
	}
	return Refused{path, "may be written by everybody", "chmod o-w " + path}
}
