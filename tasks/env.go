package tasks

import "fmt"

// Spec describes an environment; it does not change.
type Spec struct {
	Name          string   `json:"name"`
	StepMillis    int      `json:"dt"`              // milliseconds a step; 0: a step has no duration
	Observations  []string `json:"observations"`    // name of each channel, O in all
	Actions       []string `json:"actions"`         // name of each action, A in all
	MaxTrialSteps int      `json:"max_trial_steps"` // steps of the longest possible trial, or episode; 0: not known
	// CeilingBound reports that the task's Ceiling is an upper bound of what observations allow, which perhaps no
	// policy earns: it is shown as "upper bound", and a share of it says nothing about how much is left to learn.
	CeilingBound bool `json:"ceiling_bound,omitempty"`
	// Trials reports that the Steps of an environment that is no Task mark the ends of trials (Info.TrialEnd). Without
	// trials, an episode is what is counted: from Reset until a step that is Terminated or Truncated.
	Trials bool `json:"trials,omitempty"`
	// SessionTrials is the number of trials of a session, which is an episode, where they belong together: see
	// SessionTask. 0: each trial stands by itself.
	SessionTrials int `json:"session_trials,omitempty"`
}

// Step is an environment's answer to an action (Gymnasium's step).
type Step struct {
	Observation []float32 // the next observation, [O]; valid until the next call
	Reward      float32   // for the action just taken
	Terminated  bool      // the episode ended by itself: nothing follows
	Truncated   bool      // the episode was cut by a time limit: the next observation would have been followed
	Info        Info
}

// Info says more about a Step than an agent may know.
type Info struct {
	GroundTruth int     // of the step just taken, where there is one
	HasTruth    bool    // there is a ground truth
	TrialEnd    bool    // this step ended a trial
	Correct     bool    // the trial that ended was answered correctly
	Regret      float64 // of the trial that ended, as Verdict has it
}

// Env is an environment in Gymnasium's terms. What follows a Reset is decided by its seed and the actions since, so
// that an episode can be replayed when a run resumes; an environment for which that is not so is Irreproducible.
type Env interface {
	Spec() Spec
	// Reset begins a new episode with the given seed and returns its first observation, [O].
	Reset(seed uint64) ([]float32, error)
	// Step takes an action, 0 to A-1.
	Step(action int) (Step, error)
}

// Inspector is an environment whose current trial can be read. All environments that are made of a Task are Inspectors.
type Inspector interface {
	// Task returns the task and its current trial.
	Task() (Task, *Trial)
}

// TaskOf returns the task of which an environment is made and its current trial, or nil for an environment that is no
// task of trials.
func TaskOf(env Env) (Task, *Trial) {
	if inspector, ok := env.(Inspector); ok {
		return inspector.Task()
	}
	return nil, nil
}

// HasTrials reports whether an environment's Steps mark the ends of trials.
func HasTrials(env Env) bool {
	task, _ := TaskOf(env)
	return task != nil || env.Spec().Trials
}

// Irreproducible is an environment that may say that its episodes are not decided by their seeds and the actions.
type Irreproducible interface {
	// Irreproducible returns the reason, or nothing where its episodes are reproducible.
	Irreproducible() string
}

// NotExact returns why the episodes of an environment cannot be resumed where they stopped, or nothing if they can.
func NotExact(env Env) string {
	if e, ok := env.(Irreproducible); ok {
		return e.Irreproducible()
	}
	return ""
}

func checkAction(spec Spec, action int) error {
	if action < 0 || action >= len(spec.Actions) {
		return fmt.Errorf("%s: action %d does not exist: use 0 to %d", spec.Name, action, len(spec.Actions)-1)
	}
	return nil
}
