package lock

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const (
	holdVariable     = "ENGRAM_TEST_HOLD_LOCK"
	strangerVariable = "ENGRAM_TEST_LOOK_AT_LOCK"
)

// TestMain holds the lock of a directory where it is asked to, until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(strangerVariable); dir != "" {
		lookAsAStranger(dir)
		os.Exit(0)
	}
	dir := os.Getenv(holdVariable)
	if dir == "" {
		goleak.VerifyTestMain(m) // which exits
	}
	if _, err := Acquire("run", dir, func(line string) { fmt.Println(line) }); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	select {}
}

// heldByAnother starts a process that holds the lock.
func heldByAnother(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), holdVariable+"="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return other
}

func kill(t *testing.T, p *exec.Cmd) {
	t.Helper()
	if err := p.Process.Kill(); err != nil { // kill -9: it cannot clean up
		t.Fatal(err)
	}
	if err := p.Wait(); err == nil {
		t.Fatal("the other process was to be killed")
	}
}

func acquire(t *testing.T, dir string) (h *Held, notice string) {
	t.Helper()
	h, err := Acquire("run", dir, func(line string) { notice += line })
	if err != nil {
		t.Fatal(err)
	}
	return h, notice
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestSecondWriter checks that a second process learns who writes, and that it takes the lock over, and says so, after
// that one was killed.
func TestSecondWriter(t *testing.T) {
	dir := t.TempDir()
	other := heldByAnother(t, dir)
	want := fmt.Sprintf("run %s is in use by process %d on ", dir, other.Process.Pid)
	if _, err := Acquire("run", dir, nil); err == nil || !strings.Contains(err.Error(), want) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want %q", err, want)
	} else if held := (InUse{}); !errors.As(err, &held) || held.Holder.PID != other.Process.Pid || held.Dir != dir {
		t.Errorf("the error is a %T with the holder %+v", err, held.Holder)
	}
	if h, found := HolderOf(dir); !found || h.PID != other.Process.Pid || time.Since(h.Since) > time.Minute {
		t.Errorf("the holder is %+v, %v", h, found)
	}
	kill(t, other)
	if h, found := HolderOf(dir); found {
		t.Errorf("a dead process holds it: %+v", h)
	}
	h, notice := acquire(t, dir)
	if !strings.Contains(notice, fmt.Sprintf("process %d on ", other.Process.Pid)) || strings.Contains(notice, "\n") {
		t.Errorf("the notice is %q", notice)
	}
	if err := h.Check(); err != nil {
		t.Error(err)
	}
	h.Release()
	empty(t, dir)
}

// TestOneWins checks that of many processes that find a dead lock at once, one takes it over.
func TestOneWins(t *testing.T) {
	dir := t.TempDir()
	kill(t, heldByAnother(t, dir))
	var group sync.WaitGroup
	won := make(chan *Held, 100)
	for range cap(won) {
		group.Go(func() {
			if h, err := Acquire("run", dir, func(string) {}); err == nil {
				won <- h
			} else if !strings.Contains(err.Error(), "is in use by") {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of %d hold the lock", len(won), cap(won))
	}
	(<-won).Release()
	empty(t, dir)
}

// change rewrites the holder in a lock file and its last sign of life.
func change(t *testing.T, path string, beat time.Time, alter func(*Holder)) {
	t.Helper()
	h, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	alter(&h)
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(path, data, 0o644), os.Chtimes(path, beat, beat)); err != nil {
		t.Fatal(err)
	}
}

// TestElsewhere checks that only signs of life count for a process on another machine or in another container. One that
// was silent and has lost its lock finds out.
func TestElsewhere(t *testing.T) {
	for name, elsewhere := range map[string]func(*Holder){
		"another machine":   func(h *Holder) { h.Boot = "another" },
		"another container": func(h *Holder) { h.Namespace = "pid:[1]" },
		"no /proc":          func(h *Holder) { h.Boot, h.Namespace, h.Started, h.Host = "", "", "", "mac" },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first, _ := acquire(t, dir)
			path := filepath.Join(dir, File)
			change(t, path, time.Now().Add(-Silence/2), elsewhere)
			if _, err := Acquire("run", dir, nil); err == nil ||
				!strings.Contains(err.Error(), "its last sign of life was 1m0s ago") {
				t.Errorf("%s: error %v", name, err)
			}
			change(t, path, time.Now().Add(-2*Silence), elsewhere)
			first.beat()
			if _, err := Acquire("run", dir, nil); err == nil {
				t.Errorf("%s: a sign of life was not seen", name)
			}
			change(t, path, time.Now().Add(-2*Silence), elsewhere)
			second, notice := acquire(t, dir)
			if notice == "" {
				t.Errorf("%s: taken over without a word", name)
			}
			if err := first.Check(); !errors.Is(err, ErrLost) {
				t.Errorf("%s: the first has %v", name, err)
			}
			first.Release() // which leaves the second's
			if err := second.Check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			second.Release()
			empty(t, dir)
		})
	}
}

// TestAnotherOfTheSameNumber checks that a process with the number of a dead holder is told from it, and that a lock of
// an earlier version, which has fewer fields, is seen.
func TestAnotherOfTheSameNumber(t *testing.T) {
	dir := t.TempDir()
	first, _ := acquire(t, dir)
	path := filepath.Join(dir, File)
	change(t, path, time.Now(), func(h *Holder) { *h = Holder{PID: h.PID, Host: h.Host, Since: h.Since} })
	if _, found := HolderOf(dir); !found {
		t.Error("a lock of an earlier version is not seen")
	}
	change(t, path, time.Now(), func(h *Holder) { *h = Self(); h.Started = "12" })
	if h, found := HolderOf(dir); found {
		t.Errorf("it counts as held by %+v", h)
	}
	first.Release()
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire("run", dir, nil); err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("error %v", err)
	}
	old := time.Now().Add(-2 * Silence)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	h, _ := acquire(t, dir)
	h.Release()
	empty(t, dir)
}

func TestRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := Acquire("run", dir, nil); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("no directory: error %v", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h, _ := acquire(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := h.Check(); err == nil || errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "removed") {
		t.Errorf("error %v", err)
	}
	h.Release()
}
