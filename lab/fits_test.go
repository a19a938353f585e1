package lab

import (
	"context"
	"os"
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// TestRefusesWhatDoesNotFit checks that a population that takes more memory than is free, and a config that no ring can
// be made of, are refused before their directories are made.
func TestRefusesWhatDoesNotFit(t *testing.T) {
	defer func(free func() (float64, error)) { freeMemory = free }(freeMemory)
	freeMemory = func() (float64, error) { return 1000, nil }
	list := jobs(t, t.TempDir(), 2)
	check := func(want string) {
		t.Helper()
		_, err := Train(context.Background(), list, backendtest.Open(t, backend.Go), backend.Go, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if _, err := os.Stat(list[0].Dir); !os.IsNotExist(err) {
			t.Errorf("the run directory was made: %v", err)
		}
	}
	check("of memory")
	list[1].Config.Capacity = 1<<63 - 1
	check("capacity 9223372036854775807")
}
