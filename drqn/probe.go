package drqn

import (
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/mpn"
	"engram/replay"
)

// Probe computes what an update of one agent computes, changes nothing, and shows the parts: the terms of the TD loss,
// its gradient, and how each value depends on each observation. It builds the same graphs as a Learner, in double
// precision, so that its gradient can be compared with finite differences.
type Probe struct {
	*plan
	backend                      compute.Backend
	terms, gradient, sensitivity *Exec
}

// NewProbe returns a probe of a config's network and loss.
func NewProbe(b compute.Backend, c Config) (*Probe, error) {
	p, err := c.resolve()
	if err != nil {
		return nil, err
	}
	return newProbe(b, p)
}

// StepByStep returns the same probe with an MPN that is unrolled as its equations are written, one M at a time,
// instead of in the faster chunked form.
func (p *Probe) StepByStep() (*Probe, error) {
	cell, plain := p.net.cell.(mpn.MPN)
	if !plain {
		return nil, fmt.Errorf("drqn: cell %s has one form only: use a plain mpn of one layer", p.net.cell.Name())
	}
	other, net := *p.plan, *p.net
	net.cell, other.net = cell.AsVariant(), &net
	return newProbe(p.backend, &other)
}

func newProbe(b compute.Backend, from *plan) (p *Probe, err error) {
	p = &Probe{plan: from, backend: b}
	for exec, build := range map[**Exec]func([]*Node) []*Node{&p.terms: p.buildTerms, &p.gradient: p.buildGradient,
		&p.sensitivity: p.buildSensitivity} {
		if *exec, err = NewExec(b, build); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Initial draws the weights [P] with which a run of the config with that seed begins.
func (p *Probe) Initial(seed uint64) []float64 {
	return float64s(p.net.Init(stream(seed, streamWeights).Rand))
}

// Params lists the parameters in the order of the weights and of the gradient; only the trainable ones, which come
// first, have a gradient.
func (p *Probe) Params() []mpn.Param { return p.net.Params() }

// Experience acts with the weights for a number of environment steps, as a run of the config does after so many
// updates, and returns the windows that the run would learn from.
func (p *Probe) Experience(weights []float64, steps int, update int64) (*replay.Windows, error) {
	m, err := newMember(p.plan, float32s(weights))
	for err == nil && m.actor.ring.Count() < int64(steps) {
		err = m.actor.step(update)
	}
	if err != nil {
		return nil, err
	}
	return m.windows, nil
}

// WindowTerms holds the terms of the TD loss of one window of T transitions, step by step. Those of padded steps mean
// nothing; Mask is 0 there.
type WindowTerms struct {
	Q, QTarget [][]float64 // values of the online and of the target network, [T+1][A]
	Taken      []float64   // q_t(a_t) [T]
	Targets    []float64   // y_t [T]
	Errors     []float64   // q_t(a_t) - y_t [T]
	Losses     []float64   // huber of the errors [T]
	Mask       []float64   // 1 where a term counts, else 0 [T]
}

// Terms computes the terms of each window of a batch, and the loss, which is their mean over all steps that count.
// weights and target are the vectors [P] of the two networks.
func (p *Probe) Terms(weights, target []float64, b *replay.Batch) (windows []WindowTerms, loss float64, err error) {
	out, err := p.call(p.terms, weights, target, b)
	if err != nil {
		return nil, 0, err
	}
	steps, actions := b.Steps, p.net.Actions
	for i := range b.Size {
		row := func(n int) []float64 { return out[n][i*steps:][:steps] }
		values := func(n int) [][]float64 { return rows(out[n][i*(steps+1)*actions:], steps+1, actions) }
		windows = append(windows, WindowTerms{Q: values(0), QTarget: values(1), Taken: row(2), Targets: row(3),
			Errors: row(4), Losses: row(5), Mask: float64s(b.LossMask[i*steps:][:steps])})
	}
	return windows, out[6][0], nil
}

func (p *Probe) buildTerms(in []*Node) []*Node {
	l := p.loss(in)
	return []*Node{l.q.Values, l.qTarget.Values, l.taken, l.targets, l.errors, l.losses, l.loss}
}

// Gradients holds the gradient of a loss by the trainable parameters, [trainable], computed in two ways.
type Gradients struct {
	Learner  []float64 // as a Learner computes it: the cell's part is derived by hand
	Autodiff []float64 // as GoMLX derives it from the graph of the loss
	Norm     float64   // Euclidean norm of Learner
	Clipped  []float64 // Learner, scaled down to the norm clip_norm if it is larger: the input of Adam
}

// Gradient computes the gradient of the loss of a batch.
func (p *Probe) Gradient(weights, target []float64, b *replay.Batch) (Gradients, error) {
	out, err := p.call(p.gradient, weights, target, b)
	if err != nil {
		return Gradients{}, err
	}
	return Gradients{Learner: out[0], Autodiff: out[1], Norm: out[2][0], Clipped: out[3]}, nil
}

func (p *Probe) buildGradient(in []*Node) []*Node {
	l := p.loss(in)
	loss := ReduceAllSum(l.loss)
	learner := p.net.gradient(loss, l.q)
	autodiff := SliceAxis(Gradient(loss, in[0])[0], 1, AxisRange(0, p.net.Trainable()))
	norm := GlobalNorm(learner)
	limit := Const(norm.Graph(), [][]float64{{p.config.ClipNorm}})
	return []*Node{learner, autodiff, norm, ClipByNorm(learner, norm, limit)}
}

// loss builds the TD loss in a graph of weights, target and a batch.
func (p *Probe) loss(in []*Node) tdLoss {
	gamma := Const(in[0].Graph(), [][][]float64{{{p.config.Gamma}}})
	return p.rule.loss(p.net, in[0], in[1], gamma, p.rule.batch(in[2:]))
}

// call runs a graph of weights, target and a batch, and returns its results flat.
func (p *Probe) call(exec *Exec, weights, target []float64, b *replay.Batch) ([][]float64, error) {
	if len(weights) != p.net.Size() || len(target) != p.net.Size() {
		return nil, fmt.Errorf("drqn: %d weights and %d of the target network, for a network of %d", len(weights),
			len(target), p.net.Size())
	}
	out, err := exec.Call(p.inputs(weights, target, b)...)
	if err != nil {
		return nil, err
	}
	flat := make([][]float64, len(out))
	for i, t := range out {
		if flat[i], err = tensors.CopyFlatData[float64](t); err != nil {
			return nil, err
		}
	}
	return flat, finalize(out...)
}

// inputs returns the two networks and a batch, in double precision.
func (p *Probe) inputs(weights, target []float64, b *replay.Batch) []any {
	in := []any{tensors.FromFlatDataAndDimensions(weights, 1, p.net.Size()),
		tensors.FromFlatDataAndDimensions(target, 1, p.net.Size())}
	return append(in, p.rule.inputs(b, 1, func(data []float32, dims ...int) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(float64s(data), dims...)
	})...)
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

func float32s(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}

// rows splits the beginning of a flat array into count rows.
func rows(flat []float64, count, length int) [][]float64 {
	all := make([][]float64, count)
	for i := range all {
		all[i] = flat[i*length:][:length]
	}
	return all
}
