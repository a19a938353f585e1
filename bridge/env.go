package bridge

import (
	"encoding/json"
	"errors"
	"fmt"

	"engram/tasks"
)

func init() { tasks.RegisterSource(open) }

// open returns an environment, whose worker starts at its first Reset.
func open(name string, options json.RawMessage) (tasks.Env, error) {
	r, err := newRequest(name, options)
	if err != nil {
		return nil, err
	}
	d, err := describe(r)
	if err != nil {
		return nil, err
	}
	return newGroup(r, d, 1)[0], nil
}

// group is the environments of one worker.
type group struct {
	request
	about   Description
	spec    tasks.Spec
	members []*env
	worker  *worker // nil: not started
	asked   []int32 // [N]: actions asked for, -1: none
}

// newGroup returns n environments that share a worker.
func newGroup(r request, d Description, n int) []*env {
	g := &group{request: r, about: d, spec: d.spec(r.name), asked: make([]int32, n)}
	for i := range n {
		g.asked[i] = -1
		g.members = append(g.members, &env{group: g, i: i, observation: make([]float32, len(d.Observations))})
	}
	return g.members
}

// env is one environment of a group.
type env struct {
	*group
	i           int
	observation []float32
	answered    bool // the worker has taken the step that was asked for
}

var _ tasks.Asked = (*env)(nil)

func (e *env) Spec() tasks.Spec { return e.spec }

// Irreproducible implements tasks.Irreproducible.
func (e *env) Irreproducible() string { return e.about.NotExact }

// Copies implements tasks.Asked.
func (e *env) Copies(n int) ([]tasks.Env, error) {
	var all []tasks.Env
	for _, member := range newGroup(e.request, e.about, n) {
		all = append(all, member)
	}
	return all, nil
}

func (e *env) Reset(seed uint64) ([]float32, error) {
	if e.worker == nil {
		w, err := take(e.request, len(e.members), e.about)
		if err != nil {
			return nil, err
		}
		e.worker = w
	}
	e.asked[e.i], e.answered = -1, false
	e.worker.frame = resetFrame(e.worker.frame, e.i, seed)
	if err := e.exchange(); err != nil {
		return nil, err
	}
	e.worker.answers.observe(e.i, e.observation)
	return e.observation, nil
}

// exchange sends the worker's frame; a worker that failed is forgotten.
func (g *group) exchange() error {
	err := g.worker.exchange(g.worker.frame)
	if err != nil {
		g.worker = nil
	}
	return err
}

var errNotReset = errors.New("the environment must be reset first")

// Ask implements tasks.Asked.
func (e *env) Ask(action int) error {
	if action < 0 || action >= len(e.spec.Actions) {
		return fmt.Errorf("%s: action %d does not exist: use 0 to %d", e.name, action, len(e.spec.Actions)-1)
	}
	e.asked[e.i], e.answered = int32(action), false
	return nil
}

// Answer implements tasks.Asked. The first of the group that is to answer makes all that were asked take their steps.
func (e *env) Answer() (tasks.Step, error) {
	if e.worker == nil {
		return tasks.Step{}, fmt.Errorf("%s: %w", e.name, errNotReset)
	}
	if !e.answered {
		e.worker.frame = stepFrame(e.worker.frame, e.asked)
		if err := e.exchange(); err != nil {
			return tasks.Step{}, err
		}
		for i, action := range e.asked {
			if action >= 0 {
				e.members[i].answered = true
			}
			e.asked[i] = -1
		}
	}
	e.answered = false
	return e.worker.answers.step(e.i, e.observation), nil
}

func (e *env) Step(action int) (tasks.Step, error) {
	if err := e.Ask(action); err != nil {
		return tasks.Step{}, err
	}
	return e.Answer()
}

// Close gives the group's worker back; a Reset takes one again.
func (e *env) Close() error {
	if e.worker != nil {
		giveBack(e.worker)
		e.worker = nil
	}
	return nil
}
