package drqn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"engram/replay"
)

// Sensitivity returns, in row t and column s of [T][T], how much the value of the action taken at step t changes with
// the observation of step s: the Euclidean norm of the gradient of q_t(a_t) by o_s. It is exactly 0 where s is later
// than t, where t or s is padded, and with truncate_bptt where t or s stands before the window. window is a row of the
// batch.
func (p *Probe) Sensitivity(weights []float64, b *replay.Batch, window int) ([][]float64, error) {
	copies, err := copiesOf(b, window)
	if err != nil {
		return nil, err
	}
	out, err := p.call(p.sensitivity, weights, weights, copies)
	if err != nil {
		return nil, err
	}
	all := rows(out[0], b.Steps, b.Steps+1)
	for t := range all {
		all[t] = all[t][:b.Steps] // no value reads the observation after the last transition
	}
	return all, nil
}

// buildSensitivity reads T copies of a window. Copy t is asked for q_t(a_t) alone, so that one gradient gives all
// rows.
func (p *Probe) buildSensitivity(in []*Node) []*Node {
	b := p.rule.batch(in[2:])
	q := p.net.Q(p.net.Nodes(in[0]), b.observations, b.valid, b.start, p.rule.Warm)
	steps := b.actions.Shape().Dimensions[2]
	one := make([][][]float64, 1)
	for t := range steps {
		row := make([]float64, steps)
		row[t] = 1
		one[0] = append(one[0], row)
	}
	asked := Mul(Const(in[0].Graph(), one), SliceAxis(b.valid, 2, AxisRange(0, steps)))
	value := ReduceAllSum(Mul(ActionValues(preceding(q.Values), b.actions), asked))
	byObservation := Gradient(value, b.observations)[0]
	return []*Node{Sqrt(ReduceSum(Square(byObservation), -1))}
}

// copiesOf returns a batch of T copies of one window.
func copiesOf(b *replay.Batch, window int) (*replay.Batch, error) {
	if window < 0 || window >= b.Size {
		return nil, fmt.Errorf("drqn: window %d of a batch of %d", window, b.Size)
	}
	copies, err := replay.NewBatch(b.Steps, b.Steps, b.ObservationSize, b.StateSize)
	if err != nil {
		return nil, err
	}
	from := b.Rows(window, window+1)
	for i := range copies.Size {
		to := copies.Rows(i, i+1)
		copy(to.Observations, from.Observations)
		copy(to.Valid, from.Valid)
		copy(to.Actions, from.Actions)
		copy(to.Start, from.Start)
	}
	return copies, nil
}
