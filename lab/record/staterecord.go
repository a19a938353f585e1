package record

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/internal/npz"
)

// stateRecord records what State selects. The array of an MPN's state is "M" [T, H, I], of another cell's "state"
// [T, S]; "NAME_step" [T] has the number of each row's step. Components are "NAME_pca" [T, N] of the basis
// "NAME_components" [N, ...] around "NAME_mean" [...].
type stateRecord struct {
	State
	name  string
	shape []int
	basis neural.Principal
	row   []float64
}

// sampled is the number of states from which components are computed, and so the most components that there are.
const sampled = 1000

func newStateRecord(ctx context.Context, p *drqn.Policy, o Options) (*stateRecord, error) {
	s := &stateRecord{State: o.State, name: "state", shape: p.StateShape()}
	if len(s.shape) == 2 {
		s.name = "M"
	}
	switch {
	case len(s.shape) == 0:
		s.Kind = None
	case s.Kind == Components:
		return s, s.fit(ctx, p, o)
	}
	return s, nil
}

// fit computes the basis from the first trials of the recording: every second state if they have 2,000, and so on.
func (s *stateRecord) fit(ctx context.Context, p *drqn.Policy, o Options) error {
	var states []float64
	every, count := 1, 0
	size := product(s.shape)
	err := p.Act(ctx, min(o.Trials, sampled), o.Seed, drqn.Hooks{Each: func(m drqn.Moment) {
		if count++; (count-1)%every != 0 {
			return
		}
		for _, x := range m.State {
			states = append(states, float64(x))
		}
		if len(states) == 2*sampled*size { // keep every second
			for i := range sampled {
				copy(states[i*size:][:size], states[2*i*size:][:size])
			}
			states, every = states[:sampled*size], 2*every
		}
	}})
	if err != nil {
		return err
	}
	rows := len(states) / size
	if s.basis, err = neural.PCA(mat.NewDense(rows, size, states), s.N); err != nil {
		return errors.Join(errors.New("the components of the state"), err)
	}
	s.N = len(s.basis.Variances)
	return nil
}

// arrays returns the arrays with a row for each recorded step.
func (s *stateRecord) arrays() []npz.Array {
	step := npz.Array{Name: s.name + "_step", Type: "<i8"}
	switch s.Kind {
	case All, EveryKth:
		return []npz.Array{{Name: s.name, Type: "<f4", Shape: s.shape}, step}
	case Components:
		return []npz.Array{{Name: s.name + "_pca", Type: "<f4", Shape: []int{s.N}}, step}
	}
	return nil
}

// add records the state after a step, the number of which in the recording is given.
func (s *stateRecord) add(spools map[string]*spool, m drqn.Moment, step int) error {
	switch {
	case s.Kind == All, s.Kind == EveryKth && m.At%s.N == 0:
		return errors.Join(spools[s.name].put(m.State), spools[s.name+"_step"].put(int64(step)))
	case s.Kind == Components:
		s.row = s.row[:0]
		for _, x := range m.State {
			s.row = append(s.row, float64(x))
		}
		return errors.Join(spools[s.name+"_pca"].put(narrow(s.basis.Project(s.row))),
			spools[s.name+"_step"].put(int64(step)))
	}
	return nil
}

// writeTo writes the basis of components.
func (s *stateRecord) writeTo(archive npz.Writer) error {
	if s.Kind != Components {
		return nil
	}
	components := s.basis.Components
	return errors.Join(archive.Put(s.name+"_mean", "<f8", s.shape, s.basis.Mean),
		archive.Put(s.name+"_components", "<f8", append([]int{s.N}, s.shape...), components.RawMatrix().Data),
		archive.Put(s.name+"_explained", "<f8", []int{s.N}, s.basis.Explained()))
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}
