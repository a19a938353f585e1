package sweep

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
)

// TestAStudyFollowsTheUmask checks that files and folders of a study and its attempts have 0666 and 0777 less the
// umask.
func TestAStudyFollowsTheUmask(t *testing.T) {
	for _, umask := range []int{0o077, 0o022, 0o002} {
		before := syscall.Umask(umask)
		dir := made(t, functionStudy("branin", "random", 2))
		worked(t, dir, Options{})
		syscall.Umask(before)
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o666 &^ umask)
			if entry.IsDir() {
				want = fs.FileMode(0o777 &^ umask)
			}
			if info.Mode().Perm() != want {
				t.Errorf("umask %o: %s has %v, want %v", umask, path, info.Mode(), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
