// Package trust decides whose files are taken as machine code: the caller's own and root's, where nobody else may write
// them, as ssh does with its keys.
//
// A group may write where it is the caller's private group, as a umask of 002 makes it: the caller's primary group,
// named as the caller is (or, where there are no names, of the same number). A primary group that a whole laboratory
// shares is not private. A folder with the sticky bit is taken, because in it nobody can replace what is another's.
package trust

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Check returns an error that says why a file or folder is not to be trusted. Owners are trusted beside root and the
// caller.
func Check(path string, info fs.FileInfo, owners ...int) error {
	status, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return fmt.Errorf("%s has no known owner", path)
	}
	if uid := int(status.Uid); uid != 0 && uid != os.Geteuid() && !slices.Contains(owners, uid) {
		return fmt.Errorf("%s belongs to %s, not to you or root", path, userName(uid))
	}
	mode := info.Mode()
	switch {
	case mode&fs.ModeSymlink != 0, mode.IsDir() && mode&fs.ModeSticky != 0:
		return nil
	case mode.Perm()&0o002 != 0:
		return fmt.Errorf("%s can be written by everybody", path)
	case mode.Perm()&0o020 != 0 && int(status.Gid) != privateGroup():
		return fmt.Errorf("%s can be written by its group", path)
	}
	return nil
}

// CheckPath checks a file and everything on the way to it, links and their targets included, beginning at the folder
// base, which has no links in it; what is above base is not looked at.
func CheckPath(path, base string, owners ...int) error {
	visited, err := way(path)
	if err != nil {
		return err
	}
	for _, step := range visited {
		if step != base && strings.HasPrefix(base+"/", strings.TrimSuffix(step, "/")+"/") {
			continue
		}
		info, err := os.Lstat(step)
		if err != nil {
			return err
		}
		if err := Check(step, info, owners...); err != nil {
			return err
		}
	}
	return nil
}

// mostLinks is the number of links on a way from which on it is taken for a loop, as Linux does.
const mostLinks = 40

// way returns each folder, link and file that the system goes through to open an absolute path.
func way(path string) ([]string, error) {
	at, rest, links := "/", strings.Split(path, "/"), 0
	visited := []string{at}
	for len(rest) > 0 {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		if next == at {
			continue
		}
		info, err := os.Lstat(next)
		if err != nil {
			return nil, err
		}
		visited = append(visited, next)
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > mostLinks {
			return nil, fmt.Errorf("%s: too many links", path)
		}
		target, err := os.Readlink(next)
		if err != nil {
			return nil, err
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return visited, nil
}

// privateGroup returns the caller's group where it is the caller's alone, else -1.
var privateGroup = sync.OnceValue(func() int {
	if gid := os.Getegid(); isPrivate(os.Geteuid(), gid) {
		return gid
	}
	return -1
})

// isPrivate reports whether a group is a user's alone, by the convention that pam_umask, too, goes by.
func isPrivate(uid, gid int) bool {
	me, errUser := user.LookupId(strconv.Itoa(uid))
	group, errGroup := user.LookupGroupId(strconv.Itoa(gid))
	if errUser != nil && errGroup != nil {
		return uid == gid
	}
	return errUser == nil && errGroup == nil && me.Username == group.Name && me.Gid == group.Gid
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "user " + strconv.Itoa(uid)
}
