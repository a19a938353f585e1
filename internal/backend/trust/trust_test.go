package trust

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stranger is a user that is neither root nor the caller.
const stranger = 65534

// TestCheckPath checks that a file is refused if others own or may write anything on the way to it.
func TestCheckPath(t *testing.T) {
	havePrivateGroup(t)
	for name, c := range map[string]struct {
		change func(t *testing.T, base, outside string)
		want   string // part of the error; empty where the file is taken
		root   bool   // it gives a file away
	}{
		"own":                      {func(*testing.T, string, string) {}, "", false},
		"file written by all":      {mode("a/file", 0o666), "written by everybody", false},
		"folder written by all":    {mode("a", 0o777), "written by everybody", false},
		"base written by all":      {mode(".", 0o777), "written by everybody", false},
		"sticky folder":            {mode("a", 0o777|os.ModeSticky), "", false},
		"sticky file":              {mode("a/file", 0o666|os.ModeSticky), "written by everybody", false},
		"file of another":          {owner("a/file", stranger, 0), "belongs to", true},
		"folder of another":        {owner("a", stranger, 0), "belongs to", true},
		"base of another":          {owner(".", stranger, 0), "belongs to", true},
		"private group":            {mode("a", 0o775), "", false},
		"another group":            {both(owner("a", 0, stranger), mode("a", 0o775)), "written by its group", true},
		"another group that reads": {owner("a", 0, stranger), "", true},
		"link out":                 {link, "", false},
		"link out to another's": {both(link, func(t *testing.T, _, out string) { chown(t, out, stranger, 0) }),
			"belongs to", true},
		"link out, open folder": {both(link, func(t *testing.T, _, out string) { chmod(t, out, 0o777) }),
			"everybody", false},
		"link out, folder above it": {both(link,
			func(t *testing.T, _, out string) { chmod(t, filepath.Dir(out), 0o777) }), "everybody", false},
		"link of another": {both(link, owner("a/file", stranger, 0)), "belongs to", true},
		"loop":            {loop, "too many links", false},
	} {
		if c.root && os.Geteuid() != 0 { // only root can give a file away: TestCheck has these owners for everybody
			continue
		}
		t.Run(name, func(t *testing.T) {
			base, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
			for _, dir := range []string{filepath.Join(base, "a"), outside} {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c.change(t, base, outside)
			err := CheckPath(filepath.Join(base, "a", "file"), base)
			if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestCheck checks that the owner of a file and who may write it decide.
func TestCheck(t *testing.T) {
	havePrivateGroup(t)
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	for name, c := range map[string]struct {
		info info
		want string
	}{
		"own":                  {info{0o600, uid, gid}, ""},
		"open to own group":    {info{0o660, uid, gid}, ""},
		"root's":               {info{0o755, 0, 0}, ""},
		"named owner's":        {info{0o755, stranger - 1, 0}, ""},
		"stranger's":           {info{0o755, stranger, gid}, "belongs to"},
		"stranger's, sticky":   {info{os.ModeDir | os.ModeSticky | 0o777, stranger, gid}, "belongs to"},
		"stranger's link":      {info{os.ModeSymlink | 0o777, stranger, gid}, "belongs to"},
		"own link":             {info{os.ModeSymlink | 0o777, uid, gid}, ""},
		"open":                 {info{0o602, uid, gid}, "everybody"},
		"open to other groups": {info{0o620, uid, stranger}, "group"},
		"root's open folder":   {info{os.ModeDir | 0o777, 0, 0}, "everybody"},
		"root's sticky folder": {info{os.ModeDir | os.ModeSticky | 0o777, 0, 0}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := Check("file", c.info, stranger-1)
			if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		})
	}
}

// TestIsPrivate checks that a group is private if it has its user's name, or number where neither has a name.
func TestIsPrivate(t *testing.T) {
	for _, c := range []struct {
		uid, gid int
		want     bool
	}{{0, 0, true}, {0, 1, false}, {1, 0, false}, {54321, 54321, true}, {54321, 54322, false}, {54321, 0, false}} {
		if got := isPrivate(c.uid, c.gid); got != c.want {
			t.Errorf("group %d of user %d is private: %v, want %v", c.gid, c.uid, got, c.want)
		}
	}
}

// havePrivateGroup makes the caller's group private, as it is on Debian.
func havePrivateGroup(t *testing.T) {
	before := privateGroup
	privateGroup = os.Getegid
	t.Cleanup(func() { privateGroup = before })
}

// info is a file of this mode, user and group.
type info struct {
	mode     os.FileMode
	uid, gid uint32
}

func (i info) Name() string       { return "file" }
func (i info) Size() int64        { return 0 }
func (i info) Mode() os.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return &syscall.Stat_t{Uid: i.uid, Gid: i.gid} }

type change = func(t *testing.T, base, outside string)

func mode(path string, mode os.FileMode) change {
	return func(t *testing.T, base, _ string) { chmod(t, filepath.Join(base, path), mode) }
}

func owner(path string, uid, gid int) change {
	return func(t *testing.T, base, _ string) { chown(t, filepath.Join(base, path), uid, gid) }
}

func both(a, b change) change {
	return func(t *testing.T, base, outside string) {
		a(t, base, outside)
		b(t, base, outside)
	}
}

// link makes a/file a link to the file outside.
func link(t *testing.T, base, outside string) {
	replace(t, filepath.Join(outside, "file"), filepath.Join(base, "a", "file"))
}

func loop(t *testing.T, base, _ string) {
	file := filepath.Join(base, "a", "file")
	replace(t, file, file)
}

func replace(t *testing.T, target, link string) {
	t.Helper()
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// chown gives a file to another.
func chown(t *testing.T, path string, uid, gid int) {
	t.Helper()
	if err := os.Lchown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
}
