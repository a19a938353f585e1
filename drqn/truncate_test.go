package drqn

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
	"engram/replay"
)

// truncated changes a config so that half of a row stands before the window and is not back-propagated through.
func truncated(c *Config) { c.BurnIn, c.Window, c.TruncateBPTT = 6, 5, true }

// The gradient by finite differences of the oracle, which renews the state before the window by weights that stay.
func TestTruncatedGradient(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := probe(t, b, "default", truncated)
		if p.rule.Warm != p.config.BurnIn || p.batch.Steps != p.config.BurnIn+p.config.Window {
			t.Fatalf("%d of %d steps stand before the window", p.rule.Warm, p.batch.Steps)
		}
		p.renewing = slices.Clone(p.weights)
		got, err := p.Gradient(p.weights, p.target, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		loss := func() float64 { loss, _ := p.slowLoss(p.weights); return loss }
		near(t, "gradient", got.Learner, oracle.Gradient(loss, p.weights[:p.net.Trainable()]), 1e-8)
		_, shown, err := p.Terms(p.weights, p.target, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "loss", []float64{shown}, []float64{loss()}, 1e-12)
	})
}

// Every cell, from zero and from stored states: the loss is that of the whole row, and the gradient, as the cell
// derives it by hand, is the graph's own and another than the whole row's.
func TestTruncatedCells(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	for name, change := range map[string]func(*Config){
		"mpn":     func(*Config) {},
		"gated":   func(c *Config) { *c = asGated(*c) },
		"bounded": func(c *Config) { c.MemoryBound = 0.5 },
		"layers":  func(c *Config) { c.Layers = 2 },
		"gru":     func(c *Config) { *c = asGRU(*c) },
		"lstm":    func(c *Config) { *c = asGRU(*c); c.Cell = "lstm" },
		"rnn":     func(c *Config) { *c = asGRU(*c); c.Cell = "rnn" },
		"stored": func(c *Config) {
			c.Episode, c.Return, c.TimeLimit = EpisodeSession, ReturnTrial, 500
			c.WindowEnd, c.Start, c.StateEvery = replay.EndUniform, replay.StartStored, 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := probe(t, b, "default", func(c *Config) { truncated(c); change(c) })
			whole := *p.plan
			whole.rule.Warm = 0
			q, err := newProbe(b, &whole)
			if err != nil {
				t.Fatal(err)
			}
			_, loss, err := p.Terms(p.weights, p.target, p.batch)
			if err != nil {
				t.Fatal(err)
			}
			_, want, err := q.Terms(p.weights, p.target, p.batch)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "loss", []float64{loss}, []float64{want}, 1e-12)
			got, err := p.Gradient(p.weights, p.target, p.batch)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "autodiff", got.Autodiff, got.Learner, 1e-12)
			other, err := q.Gradient(p.weights, p.target, p.batch)
			if err != nil {
				t.Fatal(err)
			}
			if same := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }; slices.EqualFunc(got.Learner,
				other.Learner, same) {
				t.Error("the gradient is the whole row's")
			}
		})
	}
}

// Only where it is asked for, and only where a state is to be renewed, does the gradient stop.
func TestNotTruncated(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"not asked for": func(c *Config) { c.TruncateBPTT = false },
		"frozen":        func(c *Config) { *c = asFrozen(*c) }, // without a state
	} {
		c := small(t, "default")
		truncated(&c)
		change(&c)
		p, err := c.resolve()
		if err != nil {
			t.Fatal(err)
		}
		if p.rule.Warm != 0 {
			t.Errorf("%s: no gradient passes %d steps", name, p.rule.Warm)
		}
	}
}
