package replay

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkPush(b *testing.B) {
	r := mustRing(b, Options{Capacity: DefaultCapacity, Lanes: 8, ObservationSize: 20})
	t := Transition{Observation: make([]float32, 20), NextObservation: make([]float32, 20)}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		t.Terminated = i%100 < 8
		if err := r.Push(t); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkSample(b *testing.B) {
	r := filled(b, Options{Capacity: DefaultCapacity, Lanes: 8, ObservationSize: 20}, 60_000)
	s, batch := mustWindows(b, r, Window{Length: 10, End: EndUniform, Start: StartZero}, 32)
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Sample(batch, rng); err != nil {
			b.Fatal(err)
		}
	}
}
