package drqn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"engram/tasks"
)

// Evaluation is the result of acting greedily on fresh trials.
//
// Its share divides what the agent earned by what the best policy earns, on average over sensory noise, on the very
// trials that were drawn (tasks.TrialCeiling): half of GoNogo's trials can pay, but of 500 drawn ones it may be 240 or
// 260, and such luck is no skill. So an agent that answers every trial correctly has a share of 1. Lines of earlier
// versions have no trial_ceiling; their share is of the task's ceiling.
type Evaluation struct {
	Task           string  `json:"task"`
	Update         int64   `json:"update"` // of the weights
	Trials         int     `json:"trials"`
	RewardPerTrial float64 `json:"reward_per_trial"`
	ShareOfCeiling float64 `json:"share_of_ceiling"`        // reward per trial over the trials' ceiling
	TrialCeiling   float64 `json:"trial_ceiling,omitempty"` // mean over the trials drawn
	Accuracy       float64 `json:"accuracy"`                // share of trials answered correctly
	Seed           uint64  `json:"seed"`
	Lambda         float64 `json:"lambda,omitempty"`       // decay of the agent's memory, as in Metrics
	Confirmation   bool    `json:"confirmation,omitempty"` // of stop_at, on trials of its own
	Final          bool    `json:"final,omitempty"`        // at a run's end: the result that run.json has
}

// Policy is a trained agent, ready to act in the environment of its config.
type Policy struct {
	*plan
	agent   *Agent
	weights []float32 // [P]
}

// NewPolicy returns the policy that acts with weights [P] learned with a config.
func NewPolicy(c Config, weights []float32) (*Policy, error) {
	p, err := c.resolve()
	if err != nil {
		return nil, err
	}
	if len(weights) != p.net.size {
		return nil, fmt.Errorf("%d weights for a network of %d: they belong to another config", len(weights),
			p.net.size)
	}
	return p.policy(weights), nil
}

// policy returns the policy of weights [P].
func (p *plan) policy(weights []float32) *Policy {
	return &Policy{p, NewAgent(p.net, weights), weights}
}

// Tensors returns the policy's parameters by name.
func (p *Policy) Tensors() []Tensor { return p.net.Tensors(p.weights) }

// Weights returns the policy's weights [P] in double precision, as a Probe takes them.
func (p *Policy) Weights() []float64 { return float64s(p.weights) }

// Evaluate acts greedily for a number of whole trials in a freshly seeded environment and returns the result. A trial
// that the time limit may cut is not counted, and neither are its rewards.
func (p *Policy) Evaluate(ctx context.Context, trials int, seed uint64) (Evaluation, error) {
	e := Evaluation{Task: p.config.Task, Trials: trials, Seed: seed}
	var sum, current earned
	err := p.run(ctx, trials, seed, func(task tasks.Task, trial *tasks.Trial) {
		current = earned{ceiling: tasks.TrialCeiling(task, trial)}
	}, func(m Moment) {
		current.reward += float64(m.Step.Reward)
		if m.Step.Info.TrialEnd {
			sum.add(current, m.Step.Info.Correct)
		}
	})
	if err != nil {
		return Evaluation{}, err
	}
	n := float64(trials)
	e.RewardPerTrial, e.Accuracy, e.TrialCeiling = sum.reward/n, float64(sum.correct)/n, sum.ceiling/n
	e.ShareOfCeiling = e.RewardPerTrial / p.best(e.TrialCeiling)
	_, e.Lambda = p.net.plasticity(p.weights)
	return e, nil
}

// earned sums what trials paid and what the best policy would have been paid for them.
type earned struct {
	reward, ceiling float64
	correct         int
}

func (e *earned) add(trial earned, correct bool) {
	e.reward, e.ceiling = e.reward+trial.reward, e.ceiling+trial.ceiling
	if correct {
		e.correct++
	}
}

// best returns the ceiling that a share is divided by: that of the trials drawn, or the task's if none of them could
// pay.
func (p *Policy) best(ofTrials float64) float64 {
	if ofTrials > 0 {
		return ofTrials
	}
	return p.ceiling
}

// Moment is one step of a greedy agent; its slices are valid only during the call.
type Moment struct {
	Observation []float32 // to which the action is the answer, [O]
	Q           []float32 // the actions' values, [A]
	Hidden      []float32 // the cell's activity, [H]
	Lambdas     []float32 // lambda_t of each gate, [R]; nil without a gate
	State       []float32 // the recurrent state after the observation was read, [S]
	Action      int
	Step        tasks.Step     // what the environment answered
	Periods     []tasks.Period // of the trial acted in
}

// run acts greedily until so many trials have ended. It calls begin, unless nil, before the first step of each trial,
// and each after every step. It reports only trials that begin with room for the longest one before the time limit:
// trials that end in time only because they are short or answered quickly would be a biased choice.
func (p *Policy) run(ctx context.Context, trials int, seed uint64, begin func(tasks.Task, *tasks.Trial),
	each func(Moment)) error {
	if trials < 1 || trials > mostTrials {
		return fmt.Errorf("invalid trials %d: use 1 to %d", trials, mostTrials)
	}
	env, err := p.config.newEnvironment()
	if err != nil {
		return err
	}
	envs, err := tasks.NewVector(1, func() (tasks.Env, error) { return env, nil })
	if err != nil {
		return err
	}
	if err := envs.Reset(seed); err != nil {
		return err
	}
	task, trial := env.(tasks.Inspector).Task()
	var periods []tasks.Period
	state, seen, action := p.agent.NewState(), make([]float32, p.net.Observation), make([]int, 1)
	longest, ended, counts := env.Spec().MaxTrialSteps, 0, false
	for range tasks.MostSteps(env, trials) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if trial.Step == 0 {
			periods = append(periods[:0], trial.Periods...)
			if counts = tasks.StepsLeft(env) >= longest; counts && begin != nil {
				begin(task, trial)
			}
		}
		copy(seen, envs.Observation(0))
		q := p.agent.Q(seen, state)
		action[0] = greedy(q)
		steps, err := envs.Step(action)
		if err != nil {
			return err
		}
		if counts {
			each(Moment{seen, q, p.agent.Hidden(), p.agent.Lambdas(), state, action[0], steps[0], periods})
		}
		if counts && steps[0].Info.TrialEnd {
			if ended++; ended == trials {
				return nil
			}
		}
		if ended, _ := p.config.endsEpisode(steps[0]); ended {
			clear(state)
		}
	}
	return fmt.Errorf("only %d of %d trials ended: a trial of %s has more than the %d steps that its Spec allows",
		ended, trials, p.config.Task, longest)
}

// mostTrials bounds the trials of an evaluation.
const mostTrials = 1 << 30

// TrialTrace is one trial of a greedy agent, step by step.
type TrialTrace struct {
	Periods      []tasks.Period `json:"periods"`           // as laid out; the trial may end before the last
	Observations [][]float32    `json:"observations"`      // [T][O]
	Q            [][]float32    `json:"q"`                 // [T][A]
	Hidden       [][]float32    `json:"hidden"`            // [T][H]
	States       [][]float32    `json:"states"`            // [T][S], for the MPN M row-major [H, I]
	Actions      []int          `json:"actions"`           // [T]
	Lambdas      [][]float32    `json:"lambdas,omitempty"` // [T][R] lambda_t of each gate, 1 or H; nil without a gate
	Rewards      []float32      `json:"rewards"`           // [T]
	GroundTruth  []int          `json:"gt"`                // [T]
	Correct      bool           `json:"correct"`
}

// mostRollout bounds the memory of a rollout, in bytes.
const mostRollout = 1 << 33

// Rollout acts greedily for a number of whole trials and returns every step of them, in at most 8 GiB of memory.
func (p *Policy) Rollout(ctx context.Context, trials int, seed uint64) ([]TrialTrace, error) {
	step := 4 * float64(p.net.Observation+p.net.Actions+len(p.agent.hidden)+p.net.StateSize()+p.agent.decays.Len())
	if bytes := float64(trials) * float64(p.spec.MaxTrialSteps) * step; bytes > mostRollout {
		return nil, fmt.Errorf("invalid trials %d: their steps could take %.1f GB, of at most %.1f: use fewer", trials,
			bytes/1e9, mostRollout/1e9)
	}
	var traces []TrialTrace
	var current TrialTrace
	err := p.run(ctx, trials, seed, func(tasks.Task, *tasks.Trial) { current = TrialTrace{} }, func(m Moment) {
		current.add(m)
		if m.Step.Info.TrialEnd {
			current.Correct = m.Step.Info.Correct
			traces = append(traces, current)
		}
	})
	return traces, err
}

func (t *TrialTrace) add(m Moment) {
	copied := func(x []float32) []float32 { return append([]float32(nil), x...) }
	t.Periods = append(t.Periods[:0], m.Periods...)
	t.Observations = append(t.Observations, copied(m.Observation))
	t.Q = append(t.Q, copied(m.Q))
	t.Hidden = append(t.Hidden, copied(m.Hidden))
	if m.Lambdas != nil {
		t.Lambdas = append(t.Lambdas, copied(m.Lambdas))
	}
	t.States = append(t.States, copied(m.State))
	t.Actions = append(t.Actions, m.Action)
	t.Rewards = append(t.Rewards, m.Step.Reward)
	t.GroundTruth = append(t.GroundTruth, m.Step.Info.GroundTruth)
}

// Outcome is the result of a greedy agent in one trial, with the trial's condition.
type Outcome struct {
	Parameters json.RawMessage `json:"parameters"` // of the trial, as its task names them: {"ground_truth":1,"coh":6.4, ...}
	Answer     int             `json:"answer"`     // the last action
	Correct    bool            `json:"correct"`
	Reward     float64         `json:"reward"` // of the whole trial
}

// Outcomes acts greedily for a number of whole trials in a freshly seeded environment and returns the result of each,
// for analyses by condition such as a psychometric curve.
func (p *Policy) Outcomes(ctx context.Context, trials int, seed uint64) ([]Outcome, error) {
	var outcomes []Outcome
	var current Outcome
	var failed error
	err := p.run(ctx, trials, seed, func(task tasks.Task, _ *tasks.Trial) {
		parameters, err := json.Marshal(task.Params())
		current, failed = Outcome{Parameters: parameters}, errors.Join(failed, err)
	}, func(m Moment) {
		current.Reward += float64(m.Step.Reward)
		if m.Step.Info.TrialEnd {
			current.Answer, current.Correct = m.Action, m.Step.Info.Correct
			outcomes = append(outcomes, current)
		}
	})
	if failed != nil {
		return nil, fmt.Errorf("task %s: parameters of a trial: %w", p.config.Task, failed)
	}
	return outcomes, err
}
