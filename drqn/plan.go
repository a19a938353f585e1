package drqn

import (
	"cmp"
	"errors"
	"fmt"

	"engram/mpn"
	"engram/replay"
	"engram/tasks"
)

// plan is a config with what follows from it: its task as the agent sees it, the network, the windows, the replay ring
// and the compiled program. It is made once; trainer, policy, probe and the estimates of memory take it.
type plan struct {
	config Config
	spec   tasks.Spec
	goal   Goal
	window replay.Window
	net    *Network
	ring   replay.Options
	hyper  Hyper
	rule   Rule
}

// resolve returns the plan of a config. An impossible or unused hyperparameter is an error that names it and the
// remedy.
func (c Config) resolve() (*plan, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	p, err := newPlan(c)
	if err != nil {
		return nil, err
	}
	return p, p.check()
}

// newPlan derives the plan of a config whose values it does not check.
func newPlan(c Config) (*plan, error) {
	if c.Task == "" {
		return nil, errors.New("task is missing: use one of 'engram tasks'")
	}
	env, err := c.newEnvironment()
	if err != nil {
		return nil, err
	}
	c.Return = c.Return.of(env.Spec())
	task, trial := tasks.TaskOf(env)
	notExact := tasks.NotExact(env)
	p := &plan{config: c, spec: env.Spec(), hyper: c.hyper()}
	p.goal = c.goal(p.spec, task, notExact)
	p.window = c.replayWindow(p.spec, env, trial)
	if p.net, err = NewNetwork(c, p.spec); err != nil {
		return nil, err
	}
	p.rule = c.rule(p.net, p.steps()-p.window.Length)
	p.ring = replay.Options{Capacity: c.Capacity, Lanes: c.Environments, ObservationSize: p.net.Observation}
	if c.Start == replay.StartStored {
		p.ring.StateSize, p.ring.StateEvery = p.net.StateSize(), c.StateEvery
	}
	return p, nil
}

// newEnvironment makes an environment of the config's task.
func (c Config) newEnvironment() (tasks.Env, error) {
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	return tasks.Wrap(env, tasks.Wrappers{TimeLimit: c.TimeLimit, ObservationScale: c.ObservationScale,
		PassAction: c.PassAction, PassReward: c.PassReward})
}

// check refuses what the task makes impossible, and sizes that no machine is asked for.
func (p *plan) check() error {
	c, longest := p.config, p.spec.MaxTrialSteps
	window, perLane := p.window.Length+c.BurnIn, c.Capacity/c.Environments
	switch {
	case p.goal.IsTask && p.goal.Ceiling <= 0:
		return fmt.Errorf("invalid task_options: the best reward per trial would be %.3g: use rewards that pay for "+
			"being right", p.goal.Ceiling)
	case p.goal.IsTask && (c.Ceiling != 0 || c.Floor != 0):
		return fmt.Errorf("ceiling %g and floor %g have no effect with %s, whose ceiling is computed: leave them out",
			c.Ceiling, c.Floor, c.Task)
	case c.StopAt > 0 && !p.goal.HasCeiling:
		return fmt.Errorf("stop_at %g is a share of a ceiling, which %s does not have: give one with ceiling, or "+
			"use stop_at_return", c.StopAt, c.Task)
	case p.window.Length == 0:
		return fmt.Errorf("invalid window 0: %s does not say how long an episode may be: use a length, such as 20",
			c.Task)
	case c.StopAt > 0 && p.spec.CeilingBound:
		return fmt.Errorf("stop_at %g needs a ceiling: under these options only an upper bound of what can be "+
			"earned is known: leave it out, or use stop_at_return", c.StopAt)
	case p.goal.Trials && c.TimeLimit > 0 && c.TimeLimit < longest:
		return fmt.Errorf("invalid time_limit %d: the longest trial has %d steps and would be cut: use %d or more, "+
			"or 0 for none", c.TimeLimit, longest, longest)
	case window > perLane:
		return fmt.Errorf("capacity %d is too small: %d per environment, and a window has %d steps with burn-in",
			c.Capacity, perLane, window)
	}
	if err := p.ring.Check(); err != nil {
		return fmt.Errorf("capacity %d with state_every %d: %w", c.Capacity, c.StateEvery, err)
	}
	if bytes := p.batchBytes(); bytes > mostBatch {
		return fmt.Errorf("batch %d is too large: its windows of %d steps would take %.1f GB, of at most %.1f: use "+
			"a smaller one, or a shorter window", c.Batch, p.steps(), bytes/1e9, mostBatch/1e9)
	}
	return nil
}

// mostBatch bounds the memory of a batch, as replay does.
const mostBatch = 1 << 34

// steps returns the number of transitions T of a row of a batch.
func (p *plan) steps() int { return p.window.Steps(p.config.StateEvery) }

// batchBytes returns the memory that a batch of one member takes.
func (p *plan) batchBytes() float64 {
	return replay.BatchBytes(p.config.Batch, p.steps(), p.ring.ObservationSize, p.ring.StateSize)
}

// Footprint estimates the memory, in bytes, that training takes.
type Footprint struct {
	// Host is what so many members take on the host besides a train step: for each its replay ring with the copy that
	// goes into a checkpoint, the recurrent states of its environments, all copies of its weights, and its batch.
	Host float64
	// Device is what a train step takes on its device: the four vectors of a member before and after the update, its
	// batch, and what the forward pass keeps for the gradient. It assumes the chunked form of the cell; on XLA's CPU
	// plugin a step was measured to take two thirds of it (docs/performance.md).
	Device float64
}

// Footprint returns the estimate for a population of so many members. A config that Validate refuses is the same error.
func (c Config) Footprint(members int) (Footprint, error) {
	p, err := c.resolve()
	if err != nil {
		return Footprint{}, err
	}
	return Footprint{float64(members) * p.hostBytes(), float64(members) * p.deviceBytes()}, nil
}

// hostBytes returns the memory that a member takes on the host.
func (p *plan) hostBytes() float64 {
	ring := 2 * p.ring.MostBytes(p.config.WindowEnd == replay.EndPrioritized)
	states := 2 * 4 * float64(p.config.Environments) * float64(p.net.StateSize())
	vectors := 8 * 4 * float64(p.net.Size())
	return ring + states + vectors + 2*p.batchBytes()
}

// deviceBytes returns the memory that a member's train step takes on its device.
func (p *plan) deviceBytes() float64 {
	c, length := p.config, p.steps()+1-p.rule.Warm // of which the gradient needs what the forward pass computes
	steps, chunks := float64(length), float64(mpn.Chunks(length))
	if c.isVariant() { // which keeps M before each step
		chunks = steps
	}
	hidden, batch := float64(c.Hidden*c.Layers), float64(c.Batch)
	vectors := 8 * float64(p.net.Size())
	read := batch * float64(p.steps()+1) * float64(p.net.Observation+6)
	activity := steps * (6*hidden + float64(c.Readout))
	pairs := 2 * steps * steps / chunks * hidden
	states := 2 * (chunks + 1) * float64(p.net.StateSize())
	return 4 * (vectors + read + batch*(activity+pairs+states))
}

// StateNumbers returns the number of values in a member's state, without the replay ring. Readers use it to bound
// allocation.
func (c Config) StateNumbers() (int, error) {
	p, err := newPlan(c)
	if err != nil {
		return 0, err
	}
	ofEnvironment := 100 // at most, besides its observation
	if !p.goal.IsTask {  // the actions of an episode: see tasks.replayed
		ofEnvironment += cmp.Or(c.TimeLimit, p.spec.MaxTrialSteps, tasks.LongestEpisode)
	}
	return p.net.Size() + 3*p.net.Trainable() + c.Environments*(p.net.StateSize()+p.net.Observation+ofEnvironment), nil
}

// Trainable returns the number of trainable parameters of a config's network.
func (c Config) Trainable() (int, error) {
	p, err := newPlan(c)
	if err != nil {
		return 0, err
	}
	return p.net.Trainable(), nil
}

// Params lists the parameters of a config's network in the order of its vector [P].
func (c Config) Params() ([]mpn.Param, error) {
	p, err := newPlan(c)
	if err != nil {
		return nil, err
	}
	return p.net.Params(), nil
}

// hyper returns the hyperparameters that are inputs of the compiled program.
func (c Config) hyper() Hyper {
	return Hyper{LearningRate: c.LearningRate, LearningRateDecay: c.LearningRateDecay, Updates: c.Updates,
		Gamma: c.Gamma, LambdaMax: c.LambdaMax, ClipNorm: c.ClipNorm, L1: c.L1, TargetEvery: c.TargetEvery,
		TargetMix: c.TargetMix}
}

// rule returns what the program of an update is compiled for; before is the number of steps of a row that stand before
// the window. A cell without state has none to start from, or to renew.
func (c Config) rule(net *Network, before int) Rule {
	r := Rule{NStep: c.NStep, GreedyTraces: c.GreedyTraces, RescaleValues: c.RescaleValues, Flaw: c.Flaw,
		Stored: c.Start == replay.StartStored && net.StateSize() > 0, Prioritized: c.WindowEnd == replay.EndPrioritized}
	if c.TruncateBPTT && net.StateSize() > 0 {
		r.Warm = before
	}
	return r
}
