package replay

import (
	"bytes"
	"strings"
	"testing"
)

// TestForgedHeader checks that a snapshot whose header contradicts its arrays is refused although its checksums hold.
func TestForgedHeader(t *testing.T) {
	o := Options{Capacity: 4, Lanes: 1, ObservationSize: 1}
	for name, c := range map[string]struct {
		forge func(r *Ring)
		want  string
	}{
		"an end that was not pushed": {func(r *Ring) {
			e := r.endCount - 1
			r.ends[r.chunkOf(e)].transitions[r.endSlot(e)%o.endsIn()] = r.count
		}, "episode end 3 contradicts its header"},
		"fewer episodes than ends": {func(r *Ring) { r.episodeCount = r.endCount - 1 }, "header contradicts itself"},
		"more ends than places": {func(r *Ring) { r.count, r.endCount, r.episodeCount = 99, 90, 99 },
			"header contradicts itself"},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRing(t, o)
			for range 4 {
				if err := r.Push(Transition{Observation: []float32{0}, NextObservation: []float32{0},
					Terminated: true}); err != nil {
					t.Fatal(err)
				}
			}
			c.forge(r)
			if _, err := ReadRing(o, bytes.NewReader(snapshotOf(t, r))); err == nil ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		})
	}
}

// TestAdoptOtherAlpha checks that a ring does not become one whose priorities have another exponent.
func TestAdoptOtherAlpha(t *testing.T) {
	r, other := filled(t, small, 9), filled(t, small, 9)
	mustWindows(t, r, Window{Length: 2, End: EndPrioritized, Start: StartZero, Alpha: 0.6}, 1)
	mustWindows(t, other, Window{Length: 2, End: EndPrioritized, Start: StartZero, Alpha: 0.5}, 1)
	if err := r.Adopt(other); err == nil {
		t.Error("a ring of another alpha was adopted")
	}
}

// TestWhole checks that an episode counts as whole exactly until its first transition is overwritten.
func TestWhole(t *testing.T) {
	r := mustRing(t, Options{Capacity: 10, Lanes: 1, ObservationSize: 1})
	for pushed := range 11 {
		if err := r.Push(Transition{Observation: []float32{0}, NextObservation: []float32{0},
			Terminated: pushed%4 == 3}); err != nil {
			t.Fatal(err)
		}
		if pushed >= 3 && r.whole(3) != (pushed < 10) {
			t.Errorf("after %d transitions the first episode is whole: %v", pushed+1, r.whole(3))
		}
	}
}
