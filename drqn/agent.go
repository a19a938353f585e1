package drqn

import "engram/mpn"

// Agent acts with the weights of one member, in plain Go: a call of a compiled graph would cost ten times as much. It
// reads the weights in place, so it follows a Learner's updates. It is not safe for concurrent use.
type Agent struct {
	net        *Network
	cell       mpn.Stepper
	decays     *mpn.Decays // nil without a gate
	projection *affineStep // nil: the cell reads the observation
	readout    *affineStep // nil: the head reads h
	head       affineStep
	value      *affineStep // the state's value, with a dueling head
	x, hidden  []float32   // [I], [H] of the last step
	features   []float32   // what the head reads: [R], or hidden itself
	q, v       []float32   // [A], [1]
	alter      func(hidden, state []float32)
}

// NewAgent returns an agent that acts with the weights in a vector [P].
func NewAgent(net *Network, weights []float32) *Agent {
	values := net.Values(weights)
	input, hidden, _ := net.cell.Sizes()
	a := &Agent{
		net:  net,
		cell: net.cell.NewStepper(values), decays: mpn.NewDecays(net.cell, values),
		head: affineStep{values.At("Wq"), values.At("bq")},
		x:    make([]float32, input), hidden: make([]float32, hidden), q: make([]float32, net.Actions),
		v: make([]float32, 1),
	}
	a.features = a.hidden
	if net.readout > 0 {
		a.readout = &affineStep{values.At("Wr"), values.At("br")}
		a.features = make([]float32, net.readout)
	}
	if net.dueling {
		a.value = &affineStep{values.At("Wv"), values.At("bv")}
	}
	if net.projected {
		a.projection = &affineStep{values.At("W_rand"), values.At("b_rand")}
	}
	return a
}

// NewState returns the recurrent state [S] at the beginning of an episode: zero.
func (a *Agent) NewState() []float32 { return make([]float32, a.net.StateSize()) }

// Q reads an observation [O], advances the state [S] and returns the actions' values [A], valid until the next call.
// It does not allocate.
func (a *Agent) Q(observation, state []float32) []float32 {
	x := a.x
	if a.projection != nil {
		a.projection.apply(observation, x)
	} else {
		copy(x, observation)
	}
	a.cell.Step(x, state, a.hidden)
	if a.alter != nil {
		a.alter(a.hidden, state)
	}
	if a.readout != nil {
		a.readout.apply(a.hidden, a.features)
		rectify(a.features)
	}
	a.head.apply(a.features, a.q)
	if a.value != nil {
		a.duel()
	}
	return a.q
}

// duel turns the advantages in q into values, by adding the state's value and subtracting their mean.
func (a *Agent) duel() {
	a.value.apply(a.features, a.v)
	for _, advantage := range a.q {
		a.v[0] -= advantage / float32(len(a.q))
	}
	for i := range a.q {
		a.q[i] += a.v[0]
	}
}

// Hidden returns the cell's activity [H] at the last step; valid until the next.
func (a *Agent) Hidden() []float32 { return a.hidden }

// Lambdas returns lambda_t [R] of the last step, the first layer's if there are two; valid until the next. It is nil
// without a gate.
func (a *Agent) Lambdas() []float32 {
	if a.decays == nil {
		return nil
	}
	return a.decays.Read(a.x)
}

// affineStep computes y = W x + b for one x.
type affineStep struct{ w, b []float32 }

func (s affineStep) apply(x, y []float32) {
	copy(y, s.b)
	mpn.AddProduct(y, s.w, x)
}

// rectify replaces each x by max(0, x), in place.
func rectify[V float32 | float64](x []V) {
	for i := range x {
		x[i] = max(0, x[i])
	}
}
