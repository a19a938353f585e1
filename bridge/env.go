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
	return newGroup(r, d, 0, 1)[0], nil
}

// group is environments that step together, in one worker.
type group struct {
	request
	about   Description
	spec    tasks.Spec
	first   int  // number of its first environment in the vector
	beside  bool // other groups of the vector step at the same time
	members []*env
	steps   *lockstep // nil: not taken
	asked   []int32   // [N]: actions asked for, -1: none
	waiting int       // actions asked for that were not sent
	sent    bool      // the worker takes steps whose answer was not read
}

// newGroup returns n environments that share a worker, from the vector's environment first on.
func newGroup(r request, d Description, first, n int) []*env {
	g := &group{request: r, about: d, spec: d.spec(r.name), first: first, asked: make([]int32, n)}
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

// Copies implements tasks.Asked. As many workers as WorkersVariable says share the environments, one after the other.
func (e *env) Copies(n int) ([]tasks.Env, error) {
	count, err := workers()
	if err != nil {
		return nil, err
	}
	count = min(count, n)
	var all []tasks.Env
	for i := range count {
		from, to := i*n/count, (i+1)*n/count
		members := newGroup(e.request, e.about, from, to-from)
		members[0].beside = count > 1
		for _, member := range members {
			all = append(all, member)
		}
	}
	return all, nil
}

func (e *env) Reset(seed uint64) ([]float32, error) {
	if e.steps == nil {
		l, err := take(e.request, len(e.members), e.beside, e.about)
		if err != nil {
			return nil, err
		}
		e.steps = l
		l.countFrom(e.first)
	}
	if e.asked[e.i] >= 0 {
		e.asked[e.i], e.waiting = -1, e.waiting-1
	}
	e.answered = false
	if err := e.settle(); err != nil {
		return nil, err
	}
	e.steps.frame = resetFrame(e.steps.frame, e.i, seed)
	if err := e.do((*lockstep).exchange); err != nil {
		return nil, err
	}
	e.steps.answers.observe(e.i, e.observation)
	return e.observation, nil
}

// DescribeTrial implements tasks.TrialDescriber by what NeuroGym calls an environment's trial, or what another one says
// in its reset's info. Values that are no numbers, lists of numbers or texts are left out.
func (e *env) DescribeTrial() (about tasks.TrialDescription, err error) {
	if e.steps == nil {
		return about, fmt.Errorf("%s: %w", e.name, errNotReset)
	}
	if err := e.settle(); err != nil {
		return about, err
	}
	e.steps.frame = describeFrame(e.steps.frame, e.i)
	var text []byte
	if err := e.do(func(l *lockstep) (err error) { text, err = l.ask(); return err }); err != nil {
		return about, err
	}
	if about, err = decodeTrial(text); err != nil {
		return about, fmt.Errorf("%s: the description of a trial is damaged: %w", e.name, err)
	}
	return about, nil
}

// do sends the group's frame, reads its answer, or both; environments that failed are forgotten.
func (g *group) do(what func(*lockstep) error) error {
	err := what(g.steps)
	if err != nil {
		g.steps, g.sent = nil, false
	}
	return err
}

// settle reads the answer to actions that were sent.
func (g *group) settle() error {
	if !g.sent {
		return nil
	}
	g.sent = false
	return g.do((*lockstep).receive)
}

// send sends the actions that were asked for.
func (g *group) send() error {
	if err := g.settle(); err != nil {
		return err
	}
	g.steps.frame = stepFrame(g.steps.frame, g.asked)
	g.sent, g.waiting = true, 0
	for i, action := range g.asked {
		g.members[i].answered = action >= 0
		g.asked[i] = -1
	}
	return g.do((*lockstep).send)
}

var errNotReset = errors.New("the environment must be reset first")

// Ask implements tasks.Asked. The last of a group to be asked sends the actions of all, so that each worker of a vector
// takes its steps before any answer is awaited.
func (e *env) Ask(action int) error {
	if action < 0 || action >= len(e.spec.Actions) {
		return fmt.Errorf("%s: action %d does not exist: use 0 to %d", e.name, action, len(e.spec.Actions)-1)
	}
	if e.steps == nil {
		return fmt.Errorf("%s: %w", e.name, errNotReset)
	}
	if e.asked[e.i] < 0 {
		e.waiting++
	}
	e.asked[e.i], e.answered = int32(action), false
	if e.waiting < len(e.members) {
		return nil
	}
	return e.send()
}

// Answer implements tasks.Asked. The first of the group that is to answer reads the answers of all that were asked.
func (e *env) Answer() (tasks.Step, error) {
	if e.steps == nil {
		return tasks.Step{}, fmt.Errorf("%s: %w", e.name, errNotReset)
	}
	if e.waiting > 0 && !e.answered {
		if err := e.send(); err != nil {
			return tasks.Step{}, err
		}
	}
	if err := e.settle(); err != nil {
		return tasks.Step{}, err
	}
	e.answered = false
	return e.steps.answers.step(e.i, e.observation), nil
}

func (e *env) Step(action int) (tasks.Step, error) {
	if err := e.Ask(action); err != nil {
		return tasks.Step{}, err
	}
	return e.Answer()
}

// Close gives the group's environments back; a Reset takes some again.
func (e *env) Close() error {
	if e.steps != nil { // an answer that is on its way is read when the next frame is sent
		giveBack(e.steps)
	}
	e.steps, e.sent, e.waiting = nil, false, 0
	for i := range e.asked {
		e.asked[i] = -1
	}
	return nil
}
