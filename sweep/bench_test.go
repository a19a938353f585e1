package sweep

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"engram/internal/sysinfo"
)

// BenchmarkClaim is a worker's claim of a new trial of a study with many: to read what is new, suggest, and write the
// claim.
func BenchmarkClaim(b *testing.B) {
	for _, trials := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(trials), func(b *testing.B) {
			w := workerWith(b, trials)
			before := sysinfo.ProcessorTime()
			for b.Loop() {
				attempts, err := w.claim(1)
				if err != nil {
					b.Fatal(err)
				}
				if err := attempts[0].finish(1, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((sysinfo.ProcessorTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// workerWith returns a worker of a study in which so many trials are complete.
func workerWith(b *testing.B, trials int) *worker {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "study")
	s := functionStudy("hartmann6", "tpe", 10*trials)
	if err := Create(dir, s); err != nil {
		b.Fatal(err)
	}
	w, err := newWorker(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for trial := range trials {
		u := make([]float64, len(w.study.Space))
		for j := range u {
			u[j] = rng.Float64()
		}
		point := w.study.Space.At(u)
		value := w.objective.(*function).Value(point)
		a, err := w.take(line{Trial: trial, Attempt: 1, Values: w.study.Space.Values(point)}, point)
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(a.writer.append(line{Event: eventEnd, Time: now(), State: Complete, Value: &value}),
			a.writer.close()); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.view.refresh(); err != nil {
		b.Fatal(err)
	}
	return w
}
