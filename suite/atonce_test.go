package suite

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// Of processes that make the same suite at once each succeeds, and they agree on what is there.
func TestMadeAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := filepath.Join(t.TempDir(), "suite")
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if err := Create(dir, small()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}

// Of processes that enlarge the same suite at once none takes back what another added. One may be refused.
func TestEnlargedAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := filepath.Join(t.TempDir(), "suite")
		if err := Create(dir, small()); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var seeds [5]int // of which each process asks for one, 0 where it was refused
		for i := range seeds {
			group.Go(func() {
				p := small()
				p.Seeds += i
				if err := Create(dir, p); err == nil {
					seeds[i] = p.Seeds
				}
			})
		}
		group.Wait()
		if p, err := ReadPlan(dir); err != nil || p.Seeds != slices.Max(seeds[:]) {
			t.Errorf("%d seeds, %v, want the most of %d", p.Seeds, err, seeds)
		}
	}
}
