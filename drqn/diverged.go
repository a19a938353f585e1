package drqn

import (
	"errors"
	"fmt"
	"slices"

	"engram/replay"
	"engram/tasks"
)

// ErrDiverged is wrapped by every Divergence.
var ErrDiverged = errors.New("not a finite number")

// Divergence is the error of a loss, gradient, weight, observation or reward that is NaN or infinite. The trainer
// keeps the weights that it had before.
type Divergence struct {
	Update  int64        `json:"update"`  // that failed or was being acted for, from 1
	Member  int          `json:"member"`  // of the population
	What    string       `json:"what"`    // the loss, the norm of the gradient, a weight, an observation or a reward
	Where   string       `json:"where"`   // the parameter, or the environment and channel; may be empty
	Value   string       `json:"value"`   // NaN, +Inf or -Inf
	Windows []WindowDump `json:"windows"` // those of the batch that diverge alone, or all
}

// Error implements error.
func (d *Divergence) Error() string {
	where := ""
	if d.Where != "" {
		where = " of " + d.Where
	}
	remedy := "lower learning_rate or clip_norm"
	if len(d.Windows) == 0 {
		remedy = "look at the environment"
	}
	return fmt.Sprintf("training diverged at update %d: %s%s is %s: %s", d.Update, d.What, where, d.Value, remedy)
}

// Unwrap returns ErrDiverged.
func (d *Divergence) Unwrap() error { return ErrDiverged }

// WindowDump is one row of a batch, written out for a diagnosis. Values that may be NaN or infinite are text.
type WindowDump struct {
	Row          int        `json:"row"`
	Episode      int64      `json:"episode"`
	FirstStep    int32      `json:"first_step"`   // in its episode, of the first valid transition
	Start        []string   `json:"start"`        // [S] state it starts from
	Observations [][]string `json:"observations"` // [T+1][O]
	Actions      []int32    `json:"actions"`      // [T]
	Rewards      []string   `json:"rewards"`      // [T]
	Discounts    []float32  `json:"discounts"`    // [T]
	LossMask     []float32  `json:"loss_mask"`    // [T]
}

// windowOf returns row i of a batch. Values that may be NaN or infinite are stored as text because JSON has no NaN.
func windowOf(b *replay.Batch, i int) WindowDump {
	row := b.Rows(i, i+1)
	w := WindowDump{Row: i, Episode: row.Episodes[0], FirstStep: row.FirstSteps[0], Start: texts(row.Start),
		Rewards: texts(row.Rewards), Actions: slices.Clone(row.Actions), Discounts: slices.Clone(row.Discounts),
		LossMask: slices.Clone(row.LossMask)}
	for observation := range slices.Chunk(row.Observations, row.ObservationSize) {
		w.Observations = append(w.Observations, texts(observation))
	}
	return w
}

func texts(values []float32) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprint(v)
	}
	return list
}

// diverged returns the first value that is NaN or infinite in the outputs of a failed update, in the stats or else
// among the new weights [K, P]; nil if all are finite.
func (l *Learner) diverged(stats []Stats, weights []float32) *Divergence {
	for k, s := range stats {
		d := &Divergence{Update: l.updates + 1, Member: k}
		switch {
		case !finite(float32(s.Loss)):
			d.What, d.Value = "the loss", fmt.Sprint(s.Loss)
		case !finite(float32(s.GradientNorm)):
			d.What, d.Value = "the norm of the gradient", fmt.Sprint(s.GradientNorm)
		default:
			own := weights[k*l.net.Size():][:l.net.Size()]
			if finite(own...) {
				continue
			}
			i := slices.IndexFunc(own, func(w float32) bool { return !finite(w) })
			d.What, d.Where, d.Value = "a weight", l.net.parameterOf(i), fmt.Sprint(own[i])
		}
		return d
	}
	return nil
}

// parameterOf returns the name of the parameter that holds the value at index i of a member's vector.
func (n *Network) parameterOf(i int) string {
	for _, p := range n.Params() {
		if i -= p.Size(); i < 0 {
			return p.Name
		}
	}
	return ""
}

// offending returns those windows of a member's rows of a batch that give a loss or gradient that is NaN or infinite
// when every row is a copy of them; all of the member's windows if none does.
func (l *Learner) offending(batch *replay.Batch, member int) ([]WindowDump, error) {
	rows := batch.Size / len(l.hyper)
	var offending, all []WindowDump
	for i := member * rows; i < (member+1)*rows; i++ {
		outputs, err := l.exec.Call(l.inputs(batch.Repeated(i))...)
		if err != nil {
			return nil, err
		}
		stats, err := l.readStats(outputs[4])
		if err = errors.Join(err, finalize(outputs...)); err != nil {
			return nil, err
		}
		w := windowOf(batch, i)
		w.Row -= member * rows
		all = append(all, w)
		if s := stats[member]; !finite(float32(s.Loss), float32(s.GradientNorm)) {
			offending = append(offending, w)
		}
	}
	if len(offending) == 0 {
		return all, nil
	}
	return offending, nil
}

// checkFinite refuses an observation or reward of an environment that is NaN or infinite.
func checkFinite(spec tasks.Spec, environment int, what string, values ...float32) error {
	i := slices.IndexFunc(values, func(v float32) bool { return !finite(v) })
	if i < 0 {
		return nil
	}
	where := fmt.Sprintf("environment %d of %s", environment, spec.Name)
	if what == "an observation" {
		where = fmt.Sprintf("channel %q in %s", spec.Observations[i], where)
	}
	return &Divergence{What: what, Where: where, Value: fmt.Sprint(values[i])}
}
