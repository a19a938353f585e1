package replay

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestCut cuts lanes of a ring at random and compares it, byte by byte, with a ring whose transitions were pushed as
// truncated where the other was cut.
func TestCut(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		o := Options{Capacity: 4 + rng.IntN(40), Lanes: 1 + rng.IntN(4), ObservationSize: 2, StateSize: 1,
			StateEvery: 2}
		cut, want := newRing(t, o), newRing(t, o)
		for round := range rng.IntN(40) {
			var cuts []int
			for lane := range o.Lanes {
				n := float32(round*o.Lanes + lane)
				pushed := Transition{Observation: []float32{n, 0}, NextObservation: []float32{n, 1},
					State:      []float32{n},
					Terminated: rng.IntN(4) == 0}
				if err := cut.Push(pushed); err != nil {
					t.Fatal(err)
				}
				if rng.IntN(3) == 0 {
					cuts = append(cuts, lane)
					pushed.Truncated = !pushed.Terminated
				}
				if err := want.Push(pushed); err != nil {
					t.Fatal(err)
				}
			}
			rng.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
			for _, lane := range cuts {
				cut.Cut(lane)
			}
		}
		var a, b bytes.Buffer
		if _, err := cut.WriteTo(&a); err != nil {
			t.Fatal(err)
		}
		if _, err := want.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatalf("%+v: a ring that was cut differs from one whose transitions were truncated", o)
		}
	}
}

func newRing(t *testing.T, o Options) *Ring {
	t.Helper()
	r, err := NewRing(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
