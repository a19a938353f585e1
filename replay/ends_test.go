package replay

import (
	"math/rand/v2"
	"testing"
)

// TestEndsAcrossChunks checks that, with almost every step an episode, the ends held fill the ring's places and wrap
// around within a chunk; each keeps its transition and its observation, which is the transition's number.
func TestEndsAcrossChunks(t *testing.T) {
	for _, capacity := range []int{2 * endsPerChunk, 2*endsPerChunk + 100} {
		r := mustRing(t, Options{Capacity: capacity, Lanes: 1, ObservationSize: 1})
		rng := rand.New(rand.NewPCG(5, uint64(capacity)))
		most := 0
		for c := range 30 * capacity {
			number := []float32{float32(c)}
			if err := r.Push(Transition{Observation: number, NextObservation: number,
				Terminated: rng.IntN(12) > 0}); err != nil {
				t.Fatal(err)
			}
			for e := r.oldestEnd; e < r.endCount; e++ {
				if end := r.endAt(e); end < r.oldest() || r.flags[r.slot(end)] == 0 || r.after(end)[0] != float32(end) {
					t.Fatalf("capacity %d, after %d transitions: end %d is transition %d with the observation %v "+
						"after it", capacity, c+1, e, end, r.after(end))
				}
			}
			most = max(most, int(r.endCount-r.oldestEnd))
		}
		if most < capacity-endsPerChunk/3 {
			t.Errorf("at most %d ends were held: too few to meet around the ring", most)
		}
	}
}
