package record

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"engram/internal/boundstest"
)

// FuzzRead reads any bytes as a recording: an error or a whole one, within the memory that its size suggests.
func FuzzRead(f *testing.F) {
	path := filepath.Join(f.TempDir(), "r.npz")
	_, err := Write(f.Context(), small(f, "default", "GoNogo", "mpn"), path, Options{Trials: 2, Seed: 1,
		State: State{EveryKth, 4}})
	if err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "r.npz")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		boundstest.Within(t, 64<<20+64*uint64(len(data)), func() {
			if r, err := read(path, math.Inf(1)); err == nil && len(r.Correct) != r.Trials {
				t.Errorf("%d marks of %d trials", len(r.Correct), r.Trials)
			}
		})
	})
}
