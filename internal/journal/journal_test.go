package journal

import (
	"errors"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"engram/internal/durable"
)

// TestFailedLineIsTakenBack checks that nothing is left of a line that did not fit on the disk, and that the next line
// follows the one before it.
func TestFailedLineIsTakenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	w, err := Open(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Append("one"); err != nil {
		t.Fatal(err)
	}
	full(t, 10, func() {
		if err := w.Append("a line of more than ten bytes"); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("error %v", err)
		}
	})
	if err := w.Append(math.NaN()); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("a value without JSON: error %v", err)
	}
	if err := w.Append("two"); err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, path), "\"one\"\n\"two\"\n"; got != want || w.Size() != int64(len(want)) {
		t.Errorf("%q of size %d, want %q", got, w.Size(), want)
	}
}

// full runs f while this process can write no file beyond a number of bytes, as on a disk that fills up.
func full(t *testing.T, bytes uint64, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	f()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOpenCuts checks that Open cuts off what follows the given size, and that lines are padded only in a Paged
// journal.
func TestOpenCuts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	before := strings.Repeat(" ", Page-20) + "1\n"
	if err := os.WriteFile(path, []byte(before+"\"half a li"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		paged bool
		want  string
	}{{false, before + "2\n"}, {true, before + "2" + strings.Repeat(" ", 16) + "\n"}} {
		w, err := Open(path, int64(len(before)))
		if err != nil {
			t.Fatal(err)
		}
		w.Paged = c.paged
		if err := errors.Join(w.Append(2), w.Close()); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != c.want {
			t.Errorf("paged %v: %q", c.paged, got[Page-20:])
		}
	}
}

// TestAppendFlushed checks that only AppendFlushed waits for the disk.
func TestAppendFlushed(t *testing.T) {
	w, err := Open(filepath.Join(t.TempDir(), "a.jsonl"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	flushes := 0
	defer durable.Observe(func(step, _ string) { flushes++ })()
	if err := w.Append(1); err != nil || flushes != 0 {
		t.Errorf("Append flushed %d times, %v", flushes, err)
	}
	if err := w.AppendFlushed(2); err != nil || flushes != 1 {
		t.Errorf("AppendFlushed flushed %d times, %v", flushes, err)
	}
}
