package drqn

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/mpn"
	"engram/replay"
)

// Hyper holds the hyperparameters in which members of a population may differ: they are inputs of the compiled
// program.
type Hyper struct {
	LearningRate, LearningRateDecay float64
	Updates                         int // of the run, over which the learning rate falls
	Gamma, LambdaMax, ClipNorm, L1  float64
	TargetEvery                     int
	TargetMix                       float64
}

// Stats are the numbers that an update reports of one member.
type Stats struct {
	Loss         float64 `json:"loss"`
	GradientNorm float64 `json:"gradient_norm"` // before clipping
	MeanQ        float64 `json:"mean_q"`        // of the actions taken, over the steps with loss
}

// Learner holds the weights of K agents and updates them by one compiled program. Its vectors stay on the
// backend's device; a copy of the weights for acting is kept on the host.
type Learner struct {
	net     *Network
	hyper   []Hyper // [K]
	rule    Rule
	updates int64

	exec                          *Exec
	params, target, first, second *tensors.Tensor // [K, P] and three times [K, trainable]
	host                          []float32       // [K, P]
	errors                        []float32       // [K·B, T] TD errors of the last update, with a prioritised rule
}

// NewLearner returns a learner of len(hyper) agents of the same network that begin with the vectors initial [K, P]. If
// the rule has stored states, batches must carry them. The first update compiles the program.
func NewLearner(b compute.Backend, net *Network, hyper []Hyper, rule Rule, initial []float32) (*Learner, error) {
	if len(hyper) == 0 || len(initial) != len(hyper)*net.Size() {
		return nil, fmt.Errorf("drqn: %d initial numbers for %d agents of %d", len(initial), len(hyper), net.Size())
	}
	l := &Learner{net: net, hyper: hyper, rule: rule, host: slices.Clone(initial)}
	n := len(hyper) * net.Trainable()
	l.setVectors(slices.Clone(initial), l.trainableOf(initial), make([]float32, n), make([]float32, n))
	var err error
	l.exec, err = NewExec(b, l.step)
	return l, err
}

// trainableOf copies the trainable parts [K, trainable] of vectors [K, P].
func (l *Learner) trainableOf(flat []float32) []float32 {
	var parts []float32
	for k := range l.hyper {
		parts = append(parts, flat[k*l.net.Size():][:l.net.Trainable()]...)
	}
	return parts
}

// Updates returns the number of updates done.
func (l *Learner) Updates() int64 { return l.updates }

// Weights returns a member's weights [P] on the host; the next Update overwrites them.
func (l *Learner) Weights(member int) []float32 {
	return l.host[member*l.net.Size():][:l.net.Size()]
}

// step builds the graph of one update.
func (l *Learner) step(in []*Node) []*Node {
	var (
		params, target   = in[0], in[1]
		moments          = Moments{in[2], in[3]}
		hyper            = in[4]
		rate, gamma      = column(hyper, 0), InsertAxes(column(hyper, 1), -1)
		lambdaMax, clip  = column(hyper, 2), column(hyper, 3)
		correction1      = column(hyper, 4)
		correction2, mix = column(hyper, 5), column(hyper, 6)
		l1               = column(hyper, 7)
		b                = l.rule.batch(in[5:])
		td               = l.rule.loss(l.net, params, l.withFixed(target, params), gamma, b)
		q, taken, loss   = td.q, td.taken, td.loss
	)
	gradient := l.net.gradient(ReduceAllSum(loss), q)
	learned := SliceAxis(params, 1, AxisRange(0, l.net.Trainable()))
	if l.penalised() {
		gradient = Add(gradient, Mul(l1, Mul(l.mark(params, isWeight), Sign(learned))))
	}
	norm := GlobalNorm(gradient)
	moments = moments.Update(ClipByNorm(gradient, norm, clip))
	weights := Sub(learned, moments.Step(rate, correction1, correction2))
	weights = ProjectBounded(weights, l.mark(params, isProjected), lambdaMax)
	stats := Stack([]*Node{loss, Squeeze(norm, 1), MaskedMean(taken, b.mask)}, 1)
	out := []*Node{l.withFixed(weights, params), Mix(target, weights, mix), moments.First, moments.Second, stats}
	if l.rule.Prioritized {
		out = append(out, td.errors)
	}
	return out
}

// column returns hyperparameter i of each member, [K, 1].
func column(hyper *Node, i int) *Node { return SliceAxis(hyper, 1, AxisElem(i)) }

// withFixed returns vectors [K, P] of the given trainable parameters and the fixed ones of params.
func (l *Learner) withFixed(trainable, params *Node) *Node {
	if l.net.Trainable() == l.net.Size() {
		return trainable
	}
	return Concatenate([]*Node{trainable, SliceAxis(params, 1, AxisRange(l.net.Trainable()))}, 1)
}

func isProjected(p mpn.Param) bool { return p.Projected }

func isWeight(p mpn.Param) bool { return p.Weight }

// penalised reports whether any member has an L1 penalty; if none has, the program has no part for it.
func (l *Learner) penalised() bool {
	return slices.ContainsFunc(l.hyper, func(h Hyper) bool { return h.L1 > 0 })
}

// mark returns 1 at the trainable values of the parameters that holds accepts and 0 at the others, [1, trainable], in
// the type of like.
func (l *Learner) mark(like *Node, holds func(mpn.Param) bool) *Node {
	mask := make([]float32, l.net.Trainable())
	at := 0
	for _, p := range l.net.Params() {
		for i := range p.Size() {
			if p.Trainable && holds(p) {
				mask[at+i] = 1
			}
		}
		at += p.Size()
	}
	return ConvertDType(Const(like.Graph(), [][]float32{mask}), like.DType())
}

// Update learns from a batch of K·B windows, member by member, and returns each member's numbers. A loss, gradient or
// weight that is NaN or infinite is a *Divergence. If Update fails, nothing has changed: the vectors that go into the
// program are freed only once those that come out of it are accepted.
func (l *Learner) Update(batch *replay.Batch) ([]Stats, error) {
	return l.updateBeside(batch, func() error { return nil })
}

// updateBeside does an update while beside runs, which may read the weights from before the update. If beside fails,
// so does the update.
func (l *Learner) updateBeside(batch *replay.Batch, beside func() error) ([]Stats, error) {
	done := make(chan error, 1)
	go func() { done <- beside() }()
	outputs, err := l.exec.Call(l.inputs(batch)...)
	failed := <-done
	if err != nil {
		return nil, fmt.Errorf("update %d: %w", l.updates+1, err)
	}
	if failed != nil {
		return nil, errors.Join(failed, finalize(outputs...))
	}
	stats, err := l.accept(outputs)
	if err != nil {
		var d *Divergence
		if errors.As(err, &d) {
			windows, failed := l.offending(batch, d.Member)
			d.Windows, err = windows, errors.Join(err, failed)
		}
		return nil, errors.Join(err, finalize(outputs...))
	}
	old := append([]*tensors.Tensor{l.params, l.target, l.first, l.second}, outputs[4:]...)
	l.params, l.target, l.first, l.second = outputs[0], outputs[1], outputs[2], outputs[3]
	l.updates++
	return stats, finalize(old...)
}

// accept reads the outputs of an update and takes over its weights and errors, unless a value is NaN or infinite.
func (l *Learner) accept(outputs []*tensors.Tensor) ([]Stats, error) {
	stats, err := l.readStats(outputs[4])
	if err != nil {
		return nil, err
	}
	var bad *Divergence
	err = tensors.ConstFlatData(outputs[0], func(flat []float32) {
		if bad = l.diverged(stats, flat); bad == nil {
			copy(l.host, flat)
		}
	})
	if bad != nil {
		return nil, bad
	}
	if err == nil && l.rule.Prioritized {
		err = tensors.ConstFlatData(outputs[5], func(flat []float32) { l.errors = append(l.errors[:0], flat...) })
	}
	return stats, err
}

// inputs returns what step reads, in its order.
func (l *Learner) inputs(b *replay.Batch) []any {
	k := len(l.hyper)
	in := []any{l.params, l.target, l.first, l.second, tensors.FromFlatDataAndDimensions(l.hyperInputs(), k, 8)}
	return append(in, l.rule.inputs(b, k, tensors.FromFlatDataAndDimensions[float32])...)
}

// priorities writes the priority of each window of a batch, computed from the last update's TD errors at its steps
// with loss; from is the index of the batch's first row among those of the whole population.
func (l *Learner) priorities(b *replay.Batch, from int, into []float64) {
	var tds []float64
	for i := range into {
		tds = tds[:0]
		for t, mask := range b.LossMask[i*b.Steps:][:b.Steps] {
			if mask > 0 {
				tds = append(tds, float64(l.errors[(from+i)*b.Steps+t]))
			}
		}
		into[i] = replay.Priority(tds)
	}
}

// hyperInputs returns the hyperparameters that step reads for the next update, flat [K, 8].
func (l *Learner) hyperInputs() []float32 {
	update := float64(l.updates + 1)
	var flat []float32
	for _, h := range l.hyper {
		mix := 0.0
		if (l.updates+1)%int64(h.TargetEvery) == 0 {
			mix = h.TargetMix
		}
		for _, x := range []float64{h.LearningRateAt(l.updates + 1), h.Gamma, h.LambdaMax, h.ClipNorm,
			1 - math.Pow(adamBeta1, update), 1 - math.Pow(adamBeta2, update), mix, h.L1} {
			flat = append(flat, float32(x))
		}
	}
	return flat
}

func (l *Learner) readStats(t *tensors.Tensor) ([]Stats, error) {
	stats := make([]Stats, len(l.hyper))
	err := tensors.ConstFlatData(t, func(flat []float32) {
		for k := range stats {
			s := flat[3*k:]
			stats[k] = Stats{Loss: float64(s[0]), GradientNorm: float64(s[1]), MeanQ: float64(s[2])}
		}
	})
	return stats, err
}

// finalize frees tensors at once: waiting for the garbage collector would let device memory grow.
func finalize(ts ...*tensors.Tensor) error {
	var errs []error
	for _, t := range ts {
		errs = append(errs, t.FinalizeAll())
	}
	return errors.Join(errs...)
}
