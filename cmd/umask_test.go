package cmd

import (
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUmask checks that files and folders that commands write have 0666 and 0777 less the umask: a suite, its report,
// its archive, exports, pictures and the runs of a selftest.
func TestUmask(t *testing.T) {
	t.Parallel()
	for _, umask := range []fs.FileMode{0o077, 0o002} {
		top := filepath.Join(t.TempDir(), "top")
		script := fmt.Sprintf(`umask %03o; set -e
			"$0" suite run --out "$1/suite" --seeds 1 %s
			"$0" suite report "$1/suite"; "$0" suite archive "$1/suite" "$1/archive"
			for format in csv tensorboard safetensors npz; do
				"$0" export "$1/suite/GoNogo/mpn/seed-0" --format $format
			done
			"$0" report --run "$1/suite/GoNogo/mpn/seed-0"
			"$0" tasks show GoNogo --svg "$1/trial.svg"
			"$0" selftest kills --kills 1 --updates 40 --backend go --keep --dir "$1"`, umask, smallSuite)
		if out, err := exec.Command("sh", "-c", script, binary(), top).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		seen := 0
		err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			want := 0o666 &^ umask
			if entry.IsDir() {
				want = 0o777 &^ umask
			}
			if err == nil && info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has %03o, want %03o", umask, path, info.Mode().Perm(), want)
			}
			seen++
			return err
		})
		if err != nil || seen < 30 {
			t.Errorf("%d files and folders, %v", seen, err)
		}
	}
}
