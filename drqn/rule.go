package drqn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/replay"
)

// Rule is what the program of an update is compiled for; all members of a population share it.
type Rule struct {
	NStep         int  // steps of reward in a target
	GreedyTraces  bool // returns follow greedy actions only
	RescaleValues bool // the network's values are h(value)
	Flaw          Flaw // an error to show, of the targets
	Stored        bool // windows start from stored states
	Prioritized   bool // windows have importance weights, and the update returns TD errors
	Warm          int  // steps at the beginning of a row that only renew the state: no gradient passes them
}

// batchNodes holds a replay.Batch of K·B windows in a graph.
type batchNodes struct {
	observations, valid *Node // [K, B, T+1, O], [K, B, T+1]
	actions, rewards    *Node // [K, B, T]
	continuation, mask  *Node // [K, B, T]
	start               *Node // [K, B, S]; nil: zero
	weights             *Node // [K, B]; nil: all 1
}

// inputs returns a batch of k agents as what batch names, the numbers in the precision that of makes of them.
func (r Rule) inputs(b *replay.Batch, k int, of func(data []float32, dims ...int) *tensors.Tensor) []any {
	rows := b.Size / k
	in := []any{
		of(b.Observations, k, rows, b.Steps+1, b.ObservationSize), of(b.Valid, k, rows, b.Steps+1),
		tensors.FromFlatDataAndDimensions(b.Actions, k, rows, b.Steps),
		of(b.Rewards, k, rows, b.Steps), of(b.Discounts, k, rows, b.Steps), of(b.LossMask, k, rows, b.Steps),
	}
	if r.Stored {
		in = append(in, of(b.Start, k, rows, b.StateSize))
	}
	if r.Prioritized {
		in = append(in, of(b.Weights, k, rows))
	}
	return in
}

// batch names what inputs returns.
func (r Rule) batch(in []*Node) batchNodes {
	b := batchNodes{observations: in[0], valid: in[1], actions: in[2], rewards: in[3], continuation: in[4], mask: in[5]}
	rest := in[6:]
	if r.Stored {
		b.start, rest = rest[0], rest[1:]
	}
	if r.Prioritized {
		b.weights = rest[0]
	}
	return b
}

// tdLoss is the TD loss of a batch with its parts.
type tdLoss struct {
	q, qTarget Q
	taken      *Node // q_t(a_t) [K, B, T]
	targets    *Node // y_t [K, B, T]
	errors     *Node // q_t(a_t) - y_t [K, B, T]
	losses     *Node // huber of the errors, weighted [K, B, T]
	loss       *Node // [K]
}

// loss builds the TD loss of a batch, which it reads with the online and the target network, each [K, P]; gamma is [K,
// 1, 1].
func (r Rule) loss(net *Network, params, target, gamma *Node, b batchNodes) tdLoss {
	l := tdLoss{
		q:       net.Q(net.Nodes(params), b.observations, b.valid, b.start, r.Warm),
		qTarget: net.Q(net.Nodes(target), b.observations, b.valid, b.start, r.Warm),
	}
	l.taken = ActionValues(preceding(l.q.Values), b.actions)
	l.targets = r.targets(l.q.Values, l.qTarget.Values, b.actions, b.rewards, b.continuation, gamma)
	l.errors = Sub(l.taken, l.targets)
	l.losses = Huber(l.errors)
	if b.weights != nil {
		l.losses = Mul(l.losses, InsertAxes(b.weights, -1))
	}
	l.loss = MaskedMean(l.losses, b.mask)
	return l
}

// targets returns the targets of the rule, in the scale of the network's values.
func (r Rule) targets(q, qTarget, actions, rewards, continuation, gamma *Node) *Node {
	switch r.Flaw {
	case FlawShiftedTarget:
		qTarget = Shifted(qTarget)
	case FlawNoFinalBootstrap:
		continuation = WithoutFinal(continuation)
	}
	values := DoubleValues(q, qTarget)
	var follow *Node
	if r.GreedyTraces {
		follow = Greedy(q, actions)
	}
	if !r.RescaleValues {
		return Targets(values, rewards, continuation, gamma, follow, r.NStep)
	}
	return Rescale(Targets(Unscale(values), rewards, continuation, gamma, follow, r.NStep))
}
