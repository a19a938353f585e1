// Package boundstest bounds what tests of untrusted files and texts may do: how much memory and time they take, and
// which files they touch.
package boundstest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// longest is the time after which a call is taken to hang, even on a busy machine.
const longest = 2 * time.Minute

// Within calls do, and fails the test if that allocated more than most bytes, including freed ones. It panics if do
// does not end. Nothing else may run in the process.
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

// Files returns the contents of all files below dir by path, except the file or directory except.
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
