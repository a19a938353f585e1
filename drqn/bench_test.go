package drqn

import (
	"math/rand/v2"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// BenchmarkAct times one greedy step of one agent: of the smallest network, and of the default preset's, which has a
// readout.
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

// BenchmarkActorStep times one step of eight environments with the default preset: acting, the task and the ring.
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
