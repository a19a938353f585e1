package tasks

import (
	"fmt"
	"math/rand/v2"
)

// trialEnv is the engine: it makes an Env of a Task. Trials follow each other until one terminates.
type trialEnv struct {
	task   Task
	spec   Spec
	trial  Trial
	source *rand.PCG
	before rand.PCG // the source before the trial was drawn
	rng    *rand.Rand
	begin  func() // begins a session of a SessionTask, else nil
}

// NewEnv makes an environment of a task.
func NewEnv(task Task) Env {
	source := rand.NewPCG(0, 0)
	env := &trialEnv{task: task, spec: task.Spec(), source: source, rng: rand.New(source)}
	if session, ok := task.(SessionTask); ok {
		env.begin = session.Begin
		return &replayed{env: env, spec: env.spec} // a generator's state does not determine a trial
	}
	return env
}

func (e *trialEnv) Spec() Spec { return e.spec }

// Task implements Inspector.
func (e *trialEnv) Task() (Task, *Trial) { return e.task, &e.trial }

func (e *trialEnv) Reset(seed uint64) ([]float32, error) {
	e.source.Seed(seed, 0)
	if e.begin != nil {
		e.begin()
	}
	if err := e.newTrial(); err != nil {
		return nil, err
	}
	return e.trial.Current(), nil
}

func (e *trialEnv) newTrial() error {
	e.before = *e.source
	e.task.Draw(e.rng)
	e.trial.begin(len(e.spec.Observations))
	e.task.Build(&e.trial, e.rng)
	if e.trial.Steps() == 0 {
		return fmt.Errorf("%s: a trial without a step was drawn: its Check must refuse options that allow one",
			e.spec.Name)
	}
	return nil
}

func (e *trialEnv) Step(action int) (Step, error) {
	if err := checkAction(e.spec, action); err != nil {
		return Step{}, err
	}
	verdict, info := e.judge(action)
	if !info.TrialEnd {
		e.trial.Step++
	} else if err := e.newTrial(); err != nil {
		return Step{}, err
	}
	return Step{Observation: e.trial.Current(), Reward: float32(verdict.Reward), Terminated: verdict.Terminated,
		Info: info}, nil
}

// judge judges the action at the current step, and the trial if this was its last step.
func (e *trialEnv) judge(action int) (Verdict, Info) {
	t := &e.trial
	verdict := e.task.Judge(t, action)
	if !verdict.End && t.Step+1 == t.Steps() {
		timeout := e.task.Timeout()
		timeout.Reward += verdict.Reward
		timeout.End = true
		verdict = timeout
	}
	return verdict, Info{GroundTruth: t.GroundTruth[t.Step], HasTruth: true, TrialEnd: verdict.End,
		Correct: verdict.Correct, Regret: verdict.Regret}
}
