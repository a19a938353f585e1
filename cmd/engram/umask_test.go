package main

import (
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUmask: what commands write has 0666 and 0777 less the umask, in a suite, its report, its archive and exports.
func TestUmask(t *testing.T) {
	for _, umask := range []fs.FileMode{0o077, 0o002} {
		top := filepath.Join(t.TempDir(), "top")
		script := fmt.Sprintf(`umask %03o; set -e
			"$0" suite run --out "$1/suite" --tasks GoNogo --seeds 1 --backend go --workers 1 --set hidden=6 --set input_size=4 --set batch=4 --set updates=12 \
				--set learn_after=40 --set eval_every=6 --set eval_trials=5
			"$0" suite report "$1/suite"; "$0" suite archive "$1/suite" "$1/archive"
			for format in csv tensorboard safetensors npz; do "$0" export "$1/suite/GoNogo/mpn/seed-0" --format $format; done
			"$0" report --run "$1/suite/GoNogo/mpn/seed-0"`, umask)
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
