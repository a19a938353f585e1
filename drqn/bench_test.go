package drqn

import (
	"math/rand/v2"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/replay"
	"engram/tasks"
)

// BenchmarkAct is one greedy step of one agent: of the smallest network, and of the default preset's, which has a readout.
func BenchmarkAct(b *testing.B) {
	for name, change := range map[string]func(*Config){
		"plain":   func(c *Config) { c.Readout = 0 },
		"default": func(*Config) {},
		"gru":     func(c *Config) { c.Cell = "gru" },
	} {
		b.Run(name, func(b *testing.B) {
			c := preset(b, "default")
			change(&c)
			net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, 3), Actions: make([]string, 3)})
			if err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			agent := NewAgent(net, net.Init(rng))
			state, observation := agent.NewState(), []float32{1, 0.5, -1}
			b.ReportAllocs()
			for b.Loop() {
				agent.Q(observation, state)
			}
		})
	}
}

// BenchmarkActorStep is one step of eight environments with the default preset: acting, the task and the ring.
func BenchmarkActorStep(b *testing.B) {
	c := preset(b, "default")
	c.Task = "DelayMatchSample"
	trainer, err := NewTrainer(backendtest.Open(b, backend.Go), c)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := trainer.act(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate is one train step of the table's three shapes, with its batch sampled before.
func BenchmarkUpdate(b *testing.B) {
	for name, shape := range map[string][2]int{"H=64/T=10": {64, 10}, "H=128/T=10": {128, 10}, "H=128/T=50": {128, 50}} {
		b.Run(name, func(b *testing.B) {
			c := preset(b, "classic")
			c.Hidden, c.Window, c.Capacity = shape[0], shape[1], 1000
			net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, 20), Actions: make([]string, 3)})
			if err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			learner, err := NewLearner(backendtest.Open(b, backend.XLACPU), net, []Hyper{c.hyper()}, c.rule(), net.Init(rng))
			if err != nil {
				b.Fatal(err)
			}
			batch, err := replay.NewBatch(32, c.Window, 20, 0)
			if err != nil {
				b.Fatal(err)
			}
			for i := range batch.Observations {
				batch.Observations[i] = float32(rng.NormFloat64())
			}
			for i := range batch.Valid {
				batch.Valid[i] = 1
			}
			for i := range batch.LossMask {
				batch.LossMask[i], batch.Discounts[i], batch.Rewards[i] = 1, 1, rng.Float32()
			}
			update := func() {
				if _, err := learner.Update(batch); err != nil {
					b.Fatal(err)
				}
			}
			update() // which compiles
			b.ReportAllocs()
			for b.Loop() {
				update()
			}
		})
	}
}
