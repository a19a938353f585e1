package bench

import (
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// BenchmarkUpdate is one train step of the table's three shapes.
func BenchmarkUpdate(b *testing.B) {
	for _, s := range []shape{small, wide, long} {
		b.Run(s.String(), func(b *testing.B) {
			t, err := newTrainStep(backendtest.Open(b, backend.XLACPU), s)
			if err == nil {
				err = t.do() // which compiles
			}
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := t.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
