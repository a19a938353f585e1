package durable

import (
	"os"
	"sync/atomic"
)

// observer is told of each step; nil outside of tests.
var observer atomic.Pointer[func(step, path string)]

// Observe has f told of each flush ("sync" of a file, "syncdir" of a folder) and each "rename" (to a path), before it
// is done, until stop is called: a test sees by it that nothing counts as written before it is on the disk.
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

// Rename gives what is at the path from the name to, at one blow. The name is on the disk after SyncDir.
func Rename(from, to string) error {
	tell("rename", to)
	return os.Rename(from, to)
}
