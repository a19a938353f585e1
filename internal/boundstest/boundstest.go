// Package boundstest holds tests of what comes from outside, files and texts, to bounds: of memory and time, and of the
// files that may be touched.
package boundstest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// longest is the time after which a call is taken for one that does not end, also on a machine that is busy.
const longest = 2 * time.Minute

// Within calls do and fails the test where it allocated more bytes than most, counting also what it gave back. It
// panics where do does not end. Nothing else may run in the process.
func Within(t testing.TB, most uint64, do func()) {
	t.Helper()
	defer time.AfterFunc(longest, func() { panic("it does not end") }).Stop()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("it allocated %d bytes, of at most %d", took, most)
	}
}

// Files are the files below a directory, by their paths, as they are: but for one, or for those below a directory.
func Files(t testing.TB, dir, except string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == except && entry.IsDir():
			return filepath.SkipDir
		case path == except || entry.IsDir():
			return nil
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
