package lab

import (
	"context"
	"path/filepath"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/sysinfo"
)

// full returns a population of one whose ring holds 50,000 transitions, with or without stored states.
func full(b *testing.B, preset string) *population {
	b.Helper()
	c, err := drqn.Preset(preset)
	if err != nil {
		b.Fatal(err)
	}
	c.Task, c.LearnAfter, c.EvalEvery, c.EvalTrials = "DelayMatchSample", 50_000, 0, 0
	p, err := openPopulation([]Job{{Dir: filepath.Join(b.TempDir(), "run"), Config: c}}, backend.Go, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.release)
	if p.trainer, err = drqn.NewTrainer(backendtest.Open(b, backend.Go), c); err != nil {
		b.Fatal(err)
	}
	if err := p.restore(nil); err != nil {
		b.Fatal(err)
	}
	if err := p.trainer.TrainUntil(context.Background(), 1, p); err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkCheckpoint measures at 50,000 transitions for how long a checkpoint stops acting (stop), how long the
// writing takes beside it (write), and how long it takes to read one and resume (resume).
func BenchmarkCheckpoint(b *testing.B) {
	for _, preset := range []string{"default", "session"} {
		p := full(b, preset)
		if err := p.checkpoint(); err != nil {
			b.Fatal(err)
		}
		b.Run(preset+"/stop", func(b *testing.B) {
			for b.Loop() {
				if err := p.trainer.Snapshot(0, &p.runs[0].state); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(p.runs[0].state.Ring.Len()), "transitions")
		})
		b.Run(preset+"/write", func(b *testing.B) {
			before := sysinfo.ProcessorTime().Seconds()
			defer func() { b.ReportMetric(1000*(sysinfo.ProcessorTime().Seconds()-before)/float64(b.N), "cpu-ms/op") }()
			for b.Loop() {
				if err := p.checkpoint(); err != nil {
					b.Fatal(err)
				}
				if err := p.saved(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(preset+"/resume", func(b *testing.B) {
			for b.Loop() {
				if _, err := p.read(1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
