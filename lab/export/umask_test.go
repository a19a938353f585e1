package export

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPermissions checks that the folder and the files of an export have 0777 and 0666 less the umask.
func TestPermissions(t *testing.T) {
	r := trained(t)
	for _, umask := range []int{0o077, 0o002} {
		dir := filepath.Join(t.TempDir(), "new")
		before := syscall.Umask(umask)
		for _, format := range Formats() {
			paths, err := Write(r, format, dir)
			if err != nil {
				t.Error(err)
			}
			for _, path := range paths {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != os.FileMode(0o666&^umask) {
					t.Errorf("umask %03o: %s has %v, %v", umask, path, info.Mode(), err)
				}
			}
		}
		syscall.Umask(before)
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != os.FileMode(0o777&^umask) {
			t.Errorf("umask %03o: the folder has %v, %v", umask, info.Mode(), err)
		}
	}
}
