package drqn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/numbers"
	"engram/replay"
	"engram/tasks"
)

// State is all that a member of a population needs, besides its config, to resume training between two updates: a
// trainer that it is restored to becomes, bit for bit, what the trainer it was taken from becomes, on the same backend
// and machine. Its large arrays are not part of its JSON; they are written to files of their own.
type State struct {
	Update       int64             `json:"update"`            // updates done
	Reported     int64             `json:"reported"`          // updates done at the last report; -1 before the first
	Acting       []byte            `json:"acting"`            // generator of the exploration
	Sampling     []byte            `json:"sampling"`          // generator of the batches
	Environments tasks.VectorState `json:"environments"`      // in mid-trial
	Carried      [][]float32       `json:"carried"`           // [N][S] recurrent state in each environment
	Tally        tally             `json:"tally"`             // earned since the last metrics
	Returns      []float64         `json:"returns,omitempty"` // [N] of the episodes that have not ended; none of trials
	Window       statsSum          `json:"window"`            // stats since the last metrics
	Reached      bool              `json:"reached"`           // stop_at, in the last evaluation
	Solved       bool              `json:"solved"`

	Weights []float32    `json:"-"` // [P]
	Target  []float32    `json:"-"` // [trainable] target network
	First   []float32    `json:"-"` // [trainable] Adam's mean of the gradient
	Second  []float32    `json:"-"` // [trainable] and of its square
	Ring    *replay.Ring `json:"-"`
}

// RingOptions returns the options of the members' replay rings, for replay.ReadRing.
func (t *Trainer) RingOptions() replay.Options { return t.members[0].actor.ring.Options() }

// Snapshot copies a member's state into s and reuses the memory of its ring. Call it only between two calls of Train.
func (t *Trainer) Snapshot(member int, s *State) error {
	m, ring := t.members[member], s.Ring
	if ring == nil {
		ring = new(replay.Ring)
	}
	m.actor.ring.CopyTo(ring)
	*s = State{Update: t.Update(), Reported: t.reported, Tally: m.actor.tally, Window: m.stats, Reached: m.reached,
		Solved: m.solved, Ring: ring}
	s.Weights = append(s.Weights, t.Weights(member)...)
	for _, state := range m.actor.states {
		s.Carried = append(s.Carried, append([]float32{}, state...))
	}
	if !m.actor.trials {
		s.Returns = append(s.Returns, m.actor.returns...)
	}
	var errs [4]error
	s.Acting, errs[0] = m.actor.rng.source.MarshalBinary()
	s.Sampling, errs[1] = m.rng.source.MarshalBinary()
	s.Environments, errs[2] = m.actor.envs.State()
	s.Target, s.First, s.Second, errs[3] = t.learner.vectors(member)
	return errors.Join(errs[:]...)
}

// Restore puts the trainer where the states, one of each member, were taken; it must have been made of the same
// configs. After an error it must not be trained.
func (t *Trainer) Restore(states []State) error {
	if len(states) != len(t.members) {
		return fmt.Errorf("%d states for %d members", len(states), len(t.members))
	}
	for k, s := range states {
		if s.Update != states[0].Update || s.Reported != states[0].Reported {
			return fmt.Errorf("member %d stands at update %d, member 0 at update %d", k, s.Update, states[0].Update)
		}
		if err := t.check(s); err != nil {
			return err
		}
		if err := t.members[k].restore(s); err != nil {
			return err
		}
	}
	t.reported = states[0].Reported
	return t.learner.restore(states)
}

// check refuses a state of another config and impossible numbers.
func (t *Trainer) check(s State) error {
	net := t.learner.net
	switch {
	case s.Update < 0 || s.Update > int64(t.config().Updates) || s.Reported < -1 || s.Reported > s.Update ||
		s.Tally.Trials < 0 || s.Window.Count < 0:
		return fmt.Errorf("invalid state: update %d of %d, reported at %d", s.Update, t.config().Updates, s.Reported)
	case len(s.Weights) != net.Size() || len(s.Target) != net.Trainable() || len(s.First) != net.Trainable() ||
		len(s.Second) != net.Trainable():
		return fmt.Errorf("state of %d weights, %d of the target network, %d and %d moments for a network of %d, "+
			"%d of them trained", len(s.Weights), len(s.Target), len(s.First), len(s.Second), net.Size(),
			net.Trainable())
	case len(s.Carried) != t.config().Environments:
		return fmt.Errorf("state of %d environments for %d", len(s.Carried), t.config().Environments)
	}
	if envs := t.members[0].actor; !envs.trials && len(s.Returns) != len(envs.returns) {
		return fmt.Errorf("state of %d returns for %d environments", len(s.Returns), len(envs.returns))
	}
	for _, carried := range s.Carried {
		if len(carried) != net.StateSize() {
			return fmt.Errorf("recurrent state of %d numbers for one of %d", len(carried), net.StateSize())
		}
	}
	return nil
}

func (m *member) restore(s State) error {
	for i, carried := range s.Carried {
		copy(m.actor.states[i], carried)
	}
	m.actor.tally, m.stats, m.reached, m.solved = s.Tally, s.Window, s.Reached, s.Solved
	copy(m.actor.returns, s.Returns)
	err := errors.Join(
		m.actor.rng.source.UnmarshalBinary(s.Acting),
		m.rng.source.UnmarshalBinary(s.Sampling),
		m.actor.envs.SetState(s.Environments),
		m.actor.ring.Adopt(s.Ring),
	)
	if err == nil {
		m.actor.restart(m.actor.envs.Restarted())
	}
	return err
}

// restart makes the agent begin new episodes, as some environments did.
func (a *actor) restart(environments []int) {
	for _, i := range environments {
		clear(a.states[i])
		a.returns[i] = 0
		a.ring.Cut(i)
	}
}

// vectors copies a member's target network and moments, each [trainable].
func (l *Learner) vectors(member int) (target, first, second []float32, err error) {
	n := l.net.Trainable()
	of := func(t *tensors.Tensor) (row []float32) {
		err = errors.Join(err,
			tensors.ConstFlatData(t, func(flat []float32) { row = append(row, flat[member*n:(member+1)*n]...) }))
		return row
	}
	target, first, second = of(l.target), of(l.first), of(l.second)
	return target, first, second, err
}

// restore replaces the vectors of all members.
func (l *Learner) restore(states []State) error {
	old := []*tensors.Tensor{l.params, l.target, l.first, l.second}
	var target, first, second []float32
	for k, s := range states {
		copy(l.Weights(k), s.Weights) // in place: the agents read them there
		target, first, second = append(target, s.Target...), append(first, s.First...), append(second, s.Second...)
	}
	l.setVectors(append([]float32(nil), l.host...), target, first, second)
	l.updates = states[0].Update
	return finalize(old...)
}

// setVectors makes params [K, P] and the others [K, trainable] the learner's.
func (l *Learner) setVectors(params, target, first, second []float32) {
	k, n := len(l.hyper), l.net.Trainable()
	l.params = tensors.FromFlatDataAndDimensions(params, k, l.net.Size())
	l.target = tensors.FromFlatDataAndDimensions(target, k, n)
	l.first = tensors.FromFlatDataAndDimensions(first, k, n)
	l.second = tensors.FromFlatDataAndDimensions(second, k, n)
}

// finite reports whether no value is NaN or infinite.
func finite(values ...float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return !numbers.Finite(v) })
}
