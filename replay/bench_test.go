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

// BenchmarkPrioritized samples 32 prioritised windows and sets their priorities.
func BenchmarkPrioritized(b *testing.B) {
	r := filled(b, Options{Capacity: DefaultCapacity, Lanes: 8, ObservationSize: 20}, 60_000)
	s, batch := mustWindows(b, r, Window{Length: 10, End: EndPrioritized, Start: StartZero, Alpha: 0.6}, 32)
	if err := s.SetBeta(0.4); err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	randomPriorities(b, s, rng)
	priorities := make([]float64, batch.Size)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Sample(batch, rng); err != nil {
			b.Fatal(err)
		}
		for i := range priorities {
			priorities[i] = 3 * rng.Float64()
		}
		if _, err := s.Update(batch.Indices, priorities); err != nil {
			b.Fatal(err)
		}
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
