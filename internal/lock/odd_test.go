package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
)

// lookAsAStranger prints, as another user to whom /proc hides the processes of others, who holds a directory's lock,
// and tries to take it.
func lookAsAStranger(dir string) {
	const stranger = 65533
	err := errors.Join(syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""),
		syscall.Mount("proc", "/proc", "proc", 0, "hidepid=2"), syscall.Setgroups(nil), syscall.Setuid(stranger))
	if err != nil {
		fmt.Println(err)
		return
	}
	h, found := HolderOf(dir)
	_, err = Acquire("run", dir, func(line string) { fmt.Println(line) })
	fmt.Println("holder", h.PID, found, "error", err)
}

// TestHiddenProcesses checks that, where /proc hides the processes of other users, one that lives keeps its lock, and
// one that died does not.
func TestHiddenProcesses(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "lock") // the parents of t.TempDir are closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "test")
	data, err := os.ReadFile(os.Args[0])
	if err := errors.Join(err, os.WriteFile(binary, data, 0o755), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	look := func() string {
		c := exec.Command(binary)
		c.Env = append(os.Environ(), strangerVariable+"="+dir)
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	other := heldByAnother(t, dir)
	long := time.Now().Add(-2 * Silence) // so that only the kernel tells
	if err := os.Chtimes(filepath.Join(dir, File), long, long); err != nil {
		t.Fatal(err)
	}
	if said := look(); !strings.Contains(said, fmt.Sprintf("holder %d true error run %s is in use by",
		other.Process.Pid, dir)) {
		t.Errorf("of a living holder: %s", said)
	}
	kill(t, other)
	if said := look(); !strings.Contains(said, "false error <nil>") || !strings.Contains(said, "is taken over") {
		t.Errorf("of a dead holder: %s", said)
	}
}

// TestSignsOfLife checks that a holder renews the time of its file every Beat.
func TestSignsOfLife(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, _ := acquire(t, dir)
		defer h.Release()
		path := filepath.Join(dir, File)
		for range 3 {
			long := time.Unix(0, 0)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
			time.Sleep(Beat)
			synctest.Wait()
			if info, err := os.Stat(path); err != nil || info.ModTime().Equal(long) {
				t.Errorf("no sign of life: %v, %v", info.ModTime(), err)
			}
		}
	})
}

// dead returns the content of a lock file whose holder has died: a number that no process has.
func dead() string {
	h := Self()
	return fmt.Sprintf(`{"pid":%d,"host":"h","boot":%q,"namespace":%q,"started":"1"}`, 1<<30, h.Boot, h.Namespace)
}

// TestNumbers checks that, whatever numbers the locks of the dead have, the next holder acquires the lock, releases it
// at once, and leaves nothing of them.
func TestNumbers(t *testing.T) {
	for _, names := range [][]string{
		{File, File + ".2", File + ".5"},
		{File + ".3000000000"},
		{File + ".9223372036854775807", File},
		{File + ".9223372036854775806", File + ".1000000", File + ".1000001"},
	} {
		dir := t.TempDir()
		for _, n := range names {
			if err := os.WriteFile(filepath.Join(dir, n), []byte(dead()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if h, found := HolderOf(dir); found {
			t.Errorf("%v: held by %+v", names, h)
		}
		h, _ := acquire(t, dir)
		if _, err := Acquire("run", dir, nil); !errors.As(err, &InUse{}) {
			t.Errorf("%v: a second writer: %v", names, err)
		}
		if err := h.Check(); err != nil {
			t.Errorf("%v: %v", names, err)
		}
		h.Release()
		empty(t, dir)
	}
	dir := t.TempDir() // names that are no lock's
	for _, n := range []string{File + ".0", File + ".-1", File + ".01", File + ".9223372036854775808", File + ".x",
		File + "x"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(dead()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h, notice := acquire(t, dir)
	if h.Release(); notice != "" {
		t.Errorf("names that are no lock's: %s", notice)
	}
}

// TestFields checks that the file's time counts for a lock whose fields are missing or impossible, and that a time in
// the future is no sign of life. Acquire and HolderOf agree.
func TestFields(t *testing.T) {
	me := Self()
	here := fmt.Sprintf(`"boot":%q,"namespace":%q`, me.Boot, me.Namespace)
	now := time.Now()
	for _, c := range []struct {
		content string
		beat    time.Time
		held    bool
	}{
		{`{"pid":0,` + here + `}`, now, true},
		{`{"pid":0,` + here + `}`, now.Add(-2 * Silence), false},
		{`{"pid":-1,` + here + `,"started":"1"}`, now, true},
		{`{"pid":-1,` + here + `,"started":"1"}`, now.Add(-2 * Silence), false},
		// 32 bits of the number are this process's
		{fmt.Sprintf(`{"pid":%d,%s,"started":%q}`, me.PID+1<<32, here, me.Started), now.Add(-2 * Silence), false},
		{`{"pid":99999999999999999999,` + here + `}`, now.Add(-2 * Silence), false},
		{`{"pid":1e3,` + here + `}`, now.Add(-2 * Silence), false},
		{`{"pid":"1",` + here + `}`, now, true},
		{`{"pid":1,"since":"0000-00-00T00:00:00Z"}`, now, true},
		{`null`, now, true},
		{`[]`, now.Add(-2 * Silence), false},
		{``, now, true},
		{``, now.Add(-2 * Silence), false},
		{`{"pid":5,"boot":"other"}`, now.Add(100 * 365 * 24 * time.Hour), false},
		{`{"pid":5,"boot":"other"}`, time.Unix(0, 0), false},
		{fmt.Sprintf(`{"pid":%d,%s}`, me.PID, here), now.Add(-2 * Silence), true}, // it runs, whenever it began
		{fmt.Sprintf(`{"pid":%d,%s}`, 1<<30, here), now, false},
		{fmt.Sprintf(`{"pid":%d,%s,"started":"x"}`, me.PID, here), now, false},
		// no namespace
		{fmt.Sprintf(`{"pid":%d,"boot":%q,"started":%q}`, me.PID, me.Boot, me.Started), now.Add(-2 * Silence), false},
		// too large to be one
		{strings.Repeat(" ", largest) + dead(), now, true},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, File)
		if err := errors.Join(os.WriteFile(path, []byte(c.content), 0o644),
			os.Chtimes(path, c.beat, c.beat)); err != nil {
			t.Fatal(err)
		}
		if _, found := HolderOf(dir); found != c.held {
			t.Errorf("%.80s, %s: held %v", c.content, c.beat, found)
		}
		h, err := Acquire("run", dir, func(string) {})
		if held := errors.As(err, &InUse{}); held != c.held || err != nil && !held {
			t.Errorf("%.80s, %s: error %v", c.content, c.beat, err)
		}
		if h != nil {
			h.Release()
		}
	}
}

// TestNoFile checks that anything other than a regular file in a lock's place is an error at once.
func TestNoFile(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a FIFO":         func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"a folder":       func(path string) error { return os.Mkdir(path, 0o755) },
		"a special file": func(path string) error { return os.Symlink("nowhere", path) },
		// /dev/zero
		"a device": func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o644, 1<<8|5) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := make(filepath.Join(dir, File)); err != nil {
				t.Fatal(err)
			}
			if _, err := Acquire("run", dir, nil); err == nil ||
				!strings.Contains(err.Error(), "is "+name+", not a regular file") {
				t.Errorf("%s: error %v", name, err)
			}
			if h, found := HolderOf(dir); found {
				t.Errorf("%s: held by %+v", name, h)
			}
		})
	}
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 4<<40)); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire("run", dir, nil); !errors.As(err, &InUse{}) {
		t.Errorf("an endless file: error %v", err)
	}
}

// TestBury checks that a holder elsewhere that is known to be dead is followed at once, and that one that is not, or
// lives after all, is not.
func TestBury(t *testing.T) {
	dir := t.TempDir()
	first, _ := acquire(t, dir)
	path := filepath.Join(dir, File)
	change(t, path, time.Now(), func(h *Holder) { h.Boot = "another" })
	Bury(dir, func(h Holder) bool { return h.Is(Self()) })
	if _, err := Acquire("run", dir, nil); err == nil {
		t.Error("another process's lock was buried")
	}
	was := Self()
	was.Boot = "another"
	known := func(h Holder) bool { return h.Is(was) }
	Bury(dir, known)
	first.beat()
	if _, err := Acquire("run", dir, nil); err == nil {
		t.Error("a sign of life after the burial was not seen")
	}
	Bury(dir, known)
	second, notice := acquire(t, dir)
	if notice == "" || !errors.Is(first.Check(), ErrLost) {
		t.Errorf("taken over with the notice %q; the first has %v", notice, first.Check())
	}
	first.Release()
	second.Release()
	empty(t, dir)
	third, _ := acquire(t, dir)
	Bury(dir, func(Holder) bool { return true })
	if _, err := Acquire("run", dir, nil); err == nil {
		t.Error("whoever is said to be dead, the kernel knows better")
	}
	third.Release()
}

// TestUmask checks that a lock's permissions follow the umask.
func TestUmask(t *testing.T) {
	for umask, want := range map[int]os.FileMode{0o077: 0o600, 0o002: 0o664} {
		dir := t.TempDir()
		before := syscall.Umask(umask)
		h, _ := acquire(t, dir)
		syscall.Umask(before)
		if info, err := os.Stat(filepath.Join(dir, File)); err != nil || info.Mode().Perm() != want {
			t.Errorf("umask %o: %v, %v", umask, info.Mode(), err)
		}
		h.Release()
	}
}

// TestNewestByNumber checks that run.lock.10 counts after run.lock.9, although its name sorts before, and that Release
// removes the locks up to its own and none after.
func TestNewestByNumber(t *testing.T) {
	dir := t.TempDir()
	write := func(number int, h Holder) {
		t.Helper()
		data, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name(number)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	died := Self()
	died.Started = "0"
	for number := range 9 {
		write(number+1, died)
	}
	write(10, Self())
	if _, err := Acquire("run", dir, nil); !errors.As(err, &InUse{}) {
		t.Errorf("the tenth lock is this living process's: error %v", err)
	}
	write(10, died)
	h, _ := acquire(t, dir)
	if h.number != 11 {
		t.Errorf("took over with number %d, want 11", h.number)
	}
	write(13, Self())
	h.Release()
	left, err := numbers(dir)
	if err != nil || !slices.Equal(left, []int{13}) {
		t.Errorf("left after Release: %v, %v, want the later lock only", left, err)
	}
}

// TestWrites checks that the writer of a file lives while it has the file locked, here, and while the file is young,
// elsewhere.
func TestWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(when, boot string, want bool) {
		t.Helper()
		if got, err := Writes(path, boot, time.Minute); err != nil || got != want {
			t.Errorf("%s, boot %q: lives %v, %v, want %v", when, boot, got, err, want)
		}
	}
	held := flock.New(path)
	if taken, err := held.TryLock(); err != nil || !taken {
		t.Fatal(taken, err)
	}
	check("locked", Boot(), true)
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	check("unlocked", Boot(), false)
	check("just written", "another", true)
	check("just written", "", true)
	for _, age := range []time.Duration{2 * time.Minute, -2 * time.Minute} {
		when := time.Now().Add(-age)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
		check("written "+age.String()+" ago", "another", false)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".clock-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Two holders are the same process if all that both tell of it agrees.
func TestIs(t *testing.T) {
	t.Parallel()
	h := Holder{PID: 5, Host: "a", Boot: "b", Namespace: "n", Started: "7"}
	for name, c := range map[string]struct {
		change func(*Holder)
		same   bool
	}{
		"the same":             {func(*Holder) {}, true},
		"another number":       {func(h *Holder) { h.PID = 6 }, false},
		"another host":         {func(h *Holder) { h.Host = "c" }, false},
		"another boot":         {func(h *Holder) { h.Boot = "c" }, false},
		"another namespace":    {func(h *Holder) { h.Namespace = "m" }, false},
		"a number used again":  {func(h *Holder) { h.Started = "8" }, false},
		"its start is unknown": {func(h *Holder) { h.Started = "" }, true},
		"no namespace":         {func(h *Holder) { h.Namespace = "" }, true},
		"another time":         {func(h *Holder) { h.Since = h.Since.Add(1) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			other := h
			c.change(&other)
			if h.Is(other) != c.same || other.Is(h) != c.same {
				t.Errorf("the same process: %t, want %t", h.Is(other), c.same)
			}
		})
	}
}
