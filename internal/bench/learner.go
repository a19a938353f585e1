package bench

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/sysinfo"
	"engram/replay"
	"engram/tasks"
)

// shape is that of a train step; its networks have 3 actions and no projection, as the peers' have.
type shape struct {
	K, B, L, H, I int
	cell          string // empty: the MPN; "gated": the MPN with a gate for each row
}

// String returns the shape as text, for the rows.
func (s shape) String() string {
	text := fmt.Sprintf("H=%d L=%d B=%d I=%d", s.H, s.L, s.B, s.I)
	if s.K > 1 {
		text += fmt.Sprintf(" K=%d", s.K)
	}
	if s.cell != "" {
		text += " " + s.cell
	}
	return text
}

// size returns the shape as numbers, for scripts.
func (s shape) size() Size {
	return Size{Hidden: s.H, Window: s.L, Batch: s.B, Input: s.I, Population: s.K, Cell: cmp.Or(s.cell, "mpn")}
}

const (
	actions = 3
	gated   = "gated"
)

// config returns the config of the smallest network: a cell and a head.
func (s shape) config() (drqn.Config, error) {
	c, err := drqn.Preset("default")
	c.Hidden, c.Batch, c.Window, c.Readout, c.Input, c.NStep = s.H, s.B, s.L, 0, drqn.InputIdentity, 1
	switch s.cell {
	case "":
	case gated:
		c.ForgetGate, c.ForgetBias, c.ForgetScale, c.ForgetGain = drqn.ForgetRow, 2, 2, 5
	default:
		c.Cell = s.cell
	}
	return c, err
}

// trainStep is a compiled program with its learner and a batch: do is one update.
type trainStep struct {
	learner *drqn.Learner
	batch   *replay.Batch
}

func newTrainStep(b compute.Backend, s shape) (*trainStep, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	return newTrainStepOf(b, c, tasks.Spec{Observations: make([]string, s.I), Actions: make([]string, actions)}, s.K,
		s.L)
}

// newTrainStepOf makes the train step of some agents of a config and a task, on random windows.
func newTrainStepOf(b compute.Backend, c drqn.Config, spec tasks.Spec, members, length int) (*trainStep, error) {
	net, err := drqn.NewNetwork(c, spec)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var initial []float32
	hyper := make([]drqn.Hyper, members)
	for k := range hyper {
		hyper[k] = drqn.Hyper{LearningRate: 1e-3, Gamma: 0.9, LambdaMax: 0.99, ClipNorm: 10, TargetEvery: 500,
			TargetMix: 1}
		initial = append(initial, net.Init(rng)...)
	}
	learner, err := drqn.NewLearner(b, net, hyper, drqn.Rule{NStep: c.NStep}, initial)
	if err != nil {
		return nil, err
	}
	batch, err := randomBatch(c.Batch*members, length, len(spec.Observations), rng)
	return &trainStep{learner, batch}, err
}

func (t *trainStep) do() error {
	_, err := t.learner.Update(t.batch)
	return err
}

// randomBatch makes windows whose first two steps are padding, like those of the peers.
func randomBatch(size, steps, observation int, rng *rand.Rand) (*replay.Batch, error) {
	b, err := replay.NewBatch(size, steps, observation, 0)
	if err != nil {
		return nil, err
	}
	for i := range b.Observations {
		b.Observations[i] = float32(rng.NormFloat64())
	}
	for i := range b.Valid {
		b.Valid[i] = step(i%(steps+1) >= min(2, steps-1))
	}
	for i := range b.LossMask {
		b.LossMask[i] = step(i%steps >= min(2, steps-1))
		b.Actions[i], b.Rewards[i], b.Discounts[i] = int32(rng.IntN(actions)), rng.Float32(), step(rng.Float32() > 0.1)
	}
	return b, nil
}

// step returns 1 if a condition holds, else 0.
func step(holds bool) float32 {
	if holds {
		return 1
	}
	return 0
}

// callsFor returns how many updates a round measures: some tenths of a second.
func callsFor(s shape) int { return min(max(5, 4_000_000/(s.K*s.B*s.L*s.H)), 500) }

// stepRow measures a train step, beside those of the peers if it names their key.
func stepRow(b compute.Backend, backend string, s shape, target float64, peer string) *measurement {
	m := &measurement{Row: Row{Name: "train_step", Shape: s.String(), Size: s.size(), Backend: backend, Unit: "ms",
		Note: fmt.Sprintf("%.3g MFLOP of products", s.arithmetic())}, peer: peer}
	if peer == "" {
		m.Target = target
	} else {
		m.Peers = []Ratio{{Peer: "torch-compile", Target: target}, {Peer: "torch-eager"}, {Peer: "jax-scan"},
			{Peer: "jax-unrolled"}}
	}
	m.open = func() (measure, error) {
		step, err := stepMeasure(b, s)
		return func(ctx context.Context) (float64, error) {
			before := sysinfo.ProcessorTime().Seconds()
			took, err := step(ctx)
			m.Processor = append(m.Processor, (sysinfo.ProcessorTime().Seconds()-before)/float64(warmed(callsFor(s))))
			return took, err
		}, err
	}
	return m
}

// stepMeasure compiles a train step and measures it.
func stepMeasure(b compute.Backend, s shape) (measure, error) {
	t, err := newTrainStep(b, s)
	if err != nil {
		return nil, err
	}
	return timed(callsFor(s), 1, time.Millisecond, nil, t.do), t.do()
}
