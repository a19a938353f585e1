package replay

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestCopyTo checks that a copy is equal, stays as it was while the ring is written, and takes the place of an older
// copy.
func TestCopyTo(t *testing.T) {
	for name, make := range map[string]func(pushes int) *Ring{
		"plain":       func(pushes int) *Ring { return filled(t, snapshotOptions, pushes) },
		"prioritized": func(pushes int) *Ring { return prioritized(t, small, pushes) },
		"stateless": func(pushes int) *Ring {
			return filled(t, Options{Capacity: 8, Lanes: 2, ObservationSize: 2},
				pushes)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var copied Ring
			for _, pushes := range []int{5, 0, 60} {
				r := make(pushes)
				r.CopyTo(&copied)
				if !bytes.Equal(snapshotOf(t, r), snapshotOf(t, &copied)) {
					t.Fatalf("%s, %d pushes: the copy differs", name, pushes)
				}
				before := snapshotOf(t, &copied)
				m := newModel(r.options)
				for range 7 * r.options.Lanes {
					if err := r.Push(m.push(false, false)); err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(snapshotOf(t, &copied), before) {
					t.Errorf("%s: the copy changed with the ring", name)
				}
			}
		})
	}
}

// TestAdopt checks that a sampler of a ring continues with what the ring has adopted.
func TestAdopt(t *testing.T) {
	window := Window{Length: 2, End: EndPrioritized, Start: StartZero, Alpha: 0.6}
	full := filled(t, small, 15)
	want, batch := mustWindows(t, full, window, 4)
	r := filled(t, small, 0)
	got, again := mustWindows(t, r, window, 4)
	read, err := ReadRing(small, bytes.NewReader(snapshotOf(t, full)))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Adopt(read); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{want.Sample(batch, rand.New(rand.NewPCG(3, 3))),
		got.Sample(again, rand.New(rand.NewPCG(3, 3)))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(batch, again) {
		t.Error("the sampler draws from another ring")
	}
	if err := r.Adopt(filled(t, snapshotOptions, 3)); err == nil {
		t.Error("a ring of other options was adopted")
	}
	if err := r.Adopt(filled(t, small, 3)); err == nil {
		t.Error("a ring without priorities was adopted")
	}
}

// TestReadRing checks that a snapshot of another ring is refused by its options.
func TestReadRing(t *testing.T) {
	other := small
	other.Capacity = 1 << 20
	if _, err := ReadRing(other, bytes.NewReader(snapshotOf(t, filled(t, small, 15)))); err == nil ||
		!strings.Contains(err.Error(), "Capacity:6") {
		t.Errorf("error %v", err)
	}
}
