package tasks

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Policy names a reference policy, which looks at the trial and not at observations.
type Policy string

// Reference policies.
const (
	Oracle Policy = "oracle" // the best policy that knows the trial
	GT     Policy = "gt"     // follows the ground truth, also where that is not the best
	Random Policy = "random" // every action equally likely
	Cue    Policy = "cue"    // answers the same whenever asked: no memory
)

// Policies lists all reference policies.
var Policies = []Policy{Oracle, GT, Random, Cue}

// ParsePolicy returns the policy of that name.
func ParsePolicy(name string) (Policy, error) {
	var names []string
	for _, p := range Policies {
		if name == string(p) {
			return p, nil
		}
		names = append(names, string(p))
	}
	return "", fmt.Errorf("policy %q is unknown: use one of %s", name, strings.Join(names, ", "))
}

// act returns the policy's action at the environment's current step.
func (p Policy) act(task Task, trial *Trial, actions int, rng *rand.Rand) int {
	switch p {
	case Oracle:
		return task.Optimal(trial)
	case GT:
		return trial.GroundTruth[trial.Step]
	case Cue:
		return task.Cue(trial)
	}
	return rng.IntN(actions)
}

// TraceStep is one step of a trace: what was seen, done and earned.
type TraceStep struct {
	Observation []float32 `json:"observation"` // that the action answered
	Action      int       `json:"action"`
	Reward      float32   `json:"reward"`
	Terminated  bool      `json:"terminated"`
	Truncated   bool      `json:"truncated"`
	GroundTruth int       `json:"gt"`
	TrialEnd    bool      `json:"trial_end"`
	Correct     bool      `json:"correct"` // meaningful where trial_end
}

// Trace runs a reference policy for a number of steps and calls each with every step; the observation is
// valid within the call. Episodes that end are followed by new ones.
func Trace(env Env, policy Policy, seed uint64, steps int, each func(TraceStep) error) error {
	return trace(env, policy, seed, steps, func(*Trial) {}, each)
}

// trace runs a policy as Trace does, and calls begun with the first trial before its first step.
func trace(env Env, policy Policy, seed uint64, steps int, begun func(*Trial), each func(TraceStep) error) error {
	task, trial := TaskOf(env)
	if task == nil {
		return fmt.Errorf("%s: its trials cannot be looked at, so reference policies do not run on it", env.Spec().Name)
	}
	vector, err := NewVector(1, func() (Env, error) { return env, nil })
	if err != nil {
		return err
	}
	if err := vector.Reset(seed); err != nil {
		return err
	}
	begun(trial)
	rng := rand.New(rand.NewPCG(seed, 2))
	actions, seen := make([]int, 1), make([]float32, len(env.Spec().Observations))
	for range steps {
		copy(seen, vector.Observation(0))
		actions[0] = policy.act(task, trial, len(env.Spec().Actions), rng)
		answers, err := vector.Step(actions)
		if err != nil {
			return err
		}
		s := answers[0]
		if err := each(TraceStep{seen, actions[0], s.Reward, s.Terminated, s.Truncated, s.Info.GroundTruth,
			s.Info.TrialEnd, s.Info.Correct}); err != nil {
			return err
		}
	}
	return nil
}

// OracleTrial returns the first trial of an environment with the given seed and the oracle's steps through it.
func OracleTrial(env Env, seed uint64) (Trial, []TraceStep, error) {
	var trial Trial
	var steps []TraceStep
	keep := func(s TraceStep) error {
		s.Observation = append([]float32(nil), s.Observation...)
		steps = append(steps, s)
		if s.TrialEnd {
			return errEnough
		}
		return nil
	}
	err := trace(env, Oracle, seed, env.Spec().MaxTrialSteps, func(t *Trial) { trial = t.Clone() }, keep)
	if err == errEnough {
		err = nil
	}
	return trial, steps, err
}

// Reference holds what a task's policies earn, in reward per trial.
type Reference struct {
	Oracle      float64 `json:"oracle"`       // measured
	GroundTruth float64 `json:"gt"`           // measured
	Random      float64 `json:"random"`       // measured
	Cue         float64 `json:"cue_only"`     // measured
	Ceiling     float64 `json:"ceiling"`      // computed: the best that observations allow
	OracleSteps float64 `json:"oracle_steps"` // measured: mean steps a trial
	// TrialCeiling is the ceiling of the trials that were drawn, the same ones for each policy: see Evaluation of drqn.
	TrialCeiling float64 `json:"trial_ceiling"`
	CeilingBound bool    `json:"-"` // as Spec has it
	// Returns is what acting at random earns in an environment that is no task: then only Random is measured, too.
	Returns Returns `json:"-"`
}

// MeasureReference measures the policies of an environment over the given number of trials each.
func MeasureReference(env Env, trials int, seed uint64) (Reference, error) {
	task, _ := TaskOf(env)
	if task == nil {
		return Reference{}, fmt.Errorf("%s: its trials cannot be looked at", env.Spec().Name)
	}
	if trials < 1 {
		return Reference{}, fmt.Errorf("invalid trials %d: use 1 or more", trials)
	}
	r := Reference{Ceiling: task.Ceiling(), CeilingBound: task.Spec().CeilingBound}
	for policy, into := range map[Policy]*float64{Oracle: &r.Oracle, GT: &r.GroundTruth, Random: &r.Random,
		Cue: &r.Cue} {
		m, err := measure(env, policy, trials, seed)
		if err != nil {
			return Reference{}, err
		}
		*into = m.reward
		if policy == Oracle {
			r.OracleSteps, r.TrialCeiling = m.steps, m.ceiling
		}
	}
	return r, nil
}

// errEnough ends a trace early.
var errEnough = errors.New("enough trials")

// measured holds the reward and the steps per trial of a policy, and the ceiling of the trials drawn.
type measured struct{ reward, ceiling, steps float64 }

// measure returns means over whole trials, of those that begin with room for the longest one before a time limit: those
// that end only where they are short or answered quickly would be a choice of their own.
func measure(env Env, policy Policy, trials int, seed uint64) (measured, error) {
	longest := env.Spec().MaxTrialSteps
	if limit := timeLimit(env); limit > 0 && limit < longest {
		return measured{}, fmt.Errorf("%s: a time limit of %d steps would cut the longest trial, of %d: use %d "+
			"or more, or 0 for none",
			env.Spec().Name, limit, longest, longest)
	}
	var sum, current measured
	done, counts := 0, false
	task, trial := TaskOf(env)
	ceiling := TrialCeiling(task)
	begin := func(*Trial) {
		if counts = StepsLeft(env) >= longest; counts {
			current = measured{ceiling: ceiling(trial)}
		}
	}
	err := trace(env, policy, seed, MostSteps(env, trials), begin, func(s TraceStep) error {
		current.reward, current.steps = current.reward+float64(s.Reward), current.steps+1
		if counts && s.TrialEnd {
			sum = measured{sum.reward + current.reward, sum.ceiling + current.ceiling, sum.steps + current.steps}
			if done++; done == trials {
				return errEnough
			}
		}
		if trial.Step == 0 {
			begin(trial)
		}
		return nil
	})
	if err == nil {
		err = fmt.Errorf("%s: only %d of %d trials ended: one has more than the %d steps that its Spec says",
			env.Spec().Name, done, trials, longest)
	}
	if err != errEnough {
		return measured{}, err
	}
	n := float64(trials)
	return measured{sum.reward / n, sum.ceiling / n, sum.steps / n}, nil
}
