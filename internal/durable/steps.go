package durable

import (
	"os"
	"sync/atomic"
)

// observer is called before each step; nil outside of tests.
var observer atomic.Pointer[func(step, path string)]

// Observe calls f before each flush ("sync" of a file, "syncdir" of a folder) and each "rename" (to a path), until stop
// is called. Tests check with it that nothing counts as written before it is on the disk.
func Observe(f func(step, path string)) (stop func()) {
	observer.Store(&f)
	return func() { observer.Store(nil) }
}

func tell(step, path string) {
	if f := observer.Load(); f != nil {
		(*f)(step, path)
	}
}

// Sync flushes a file to the disk.
func Sync(file *os.File) error {
	tell("sync", file.Name())
	return file.Sync()
}

// Rename renames a file or folder in one step. The new name is on the disk only after SyncDir.
func Rename(from, to string) error {
	tell("rename", to)
	return os.Rename(from, to)
}
