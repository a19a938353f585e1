//go:build !js

package durable

import "syscall"

// Free returns the bytes that this user may still write on the file system of a folder.
func Free(dir string) (float64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return float64(s.Bavail) * float64(s.Bsize), nil
}
