package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

func TestUnusedDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	for _, want := range []string{dir, dir + "-2", dir + "-3"} {
		got := unusedDir(dir)
		if got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if err := os.Mkdir(got, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
