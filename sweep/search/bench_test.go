package search

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkSuggest is one suggestion of TPE after many trials.
func BenchmarkSuggest(b *testing.B) {
	for _, trials := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(trials), func(b *testing.B) {
			f, err := FunctionOf("hartmann6")
			if err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 0))
			seen := make([]Observation, trials)
			for i := range seen {
				u := make([]float64, len(f.Space))
				for j := range u {
					u[j] = rng.Float64()
				}
				point := f.Space.At(u)
				seen[i] = Observation{Trial: i, Point: point, State: Complete, Loss: f.Value(point)}
			}
			sampler, err := Method{Kind: "tpe"}.New(f.Space, 1)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := sampler.Suggest(trials+i, seen); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
