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
	ShareOfCeiling float64 `json:"share_of_ceiling"`        // reward per trial over the trials' ceiling, or NoCeiling
	TrialCeiling   float64 `json:"trial_ceiling,omitempty"` // mean over the trials drawn
	Accuracy       float64 `json:"accuracy"`                // share of trials answered correctly
	Seed           uint64  `json:"seed"`
	Lambda         float64 `json:"lambda,omitempty"`       // decay of the agent's memory, as in Metrics
	Confirmation   bool    `json:"confirmation,omitempty"` // of stop_at, on trials of its own
	Final          bool    `json:"final,omitempty"`        // at a run's end: the result that run.json has

	// NoCeiling reports that no ceiling is known, so that ShareOfCeiling is 0 and says nothing.
	NoCeiling bool `json:"no_ceiling,omitempty"`
	// Episodes is the number of trials where these are whole episodes, and 0 where a task has trials. Then the reward
	// per trial is the mean return of an episode.
	Episodes   int      `json:"episodes,omitempty"`
	MeanReturn *float64 `json:"mean_return,omitempty"` // nil: none; earlier versions left out a 0
	// ReturnSD and MeanSteps are over the episodes, or the trials of an environment that is no task of engram's; a
	// task has none (nil and 0). Earlier versions left out a standard deviation of 0: SD reads both.
	ReturnSD  *float64 `json:"return_sd,omitempty"`
	MeanSteps float64  `json:"mean_steps,omitempty"`

	// Regret is what the agent loses on the best choice in a session, on average over Sessions whole ones, where the
	// trials of a session belong together (tasks.Regret); else both are 0.
	Regret   float64 `json:"regret,omitempty"`
	Sessions int     `json:"sessions,omitempty"`
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
	if len(weights) != p.net.Size() {
		return nil, fmt.Errorf("%d weights for a network of %d: they belong to another config", len(weights),
			p.net.Size())
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
	var returns tasks.Returns
	var regret tasks.Regret
	var ceiling func(*tasks.Trial) float64
	err := p.Act(ctx, trials, seed, Hooks{Begin: func(task tasks.Task, trial *tasks.Trial) {
		current = earned{}
		if task != nil {
			if ceiling == nil {
				ceiling = tasks.TrialCeiling(task)
			}
			current.ceiling = ceiling(trial)
		}
	}, Each: func(m Moment) {
		current.reward += float64(m.Step.Reward)
		current.steps++
		if p.goal.SessionTrials > 0 {
			regret.Add(m.Step)
		}
		if tasks.Ends(m.Step, p.goal.Trials) {
			sum.add(current, m.Step.Info.Correct)
			returns.Add(current.reward, current.steps)
		}
	}})
	if err != nil {
		return Evaluation{}, err
	}
	n := float64(trials)
	e.RewardPerTrial, e.Accuracy, e.TrialCeiling = sum.reward/n, float64(sum.correct)/n, sum.ceiling/n
	if !p.goal.IsTask {
		e.ReturnSD, e.MeanSteps = &returns.SD, returns.Steps
	}
	if !p.goal.Trials {
		e.Episodes, e.MeanReturn = returns.Episodes, &returns.Mean
	}
	e.Regret, e.Sessions = regret.Mean, regret.Sessions
	e.NoCeiling = !p.goal.HasCeiling
	e.ShareOfCeiling = p.goal.share(e.RewardPerTrial, e.TrialCeiling)
	_, e.Lambda = p.net.plasticity(p.weights)
	return e, nil
}

// Regret acts greedily in a number of sessions and returns the agent's regret, with its course over the trials of a
// session. It is an error where trials stand by themselves, or a time limit cuts every session.
func (p *Policy) Regret(ctx context.Context, sessions int, seed uint64) (tasks.Regret, error) {
	var r tasks.Regret
	n := p.goal.SessionTrials
	switch {
	case n == 0:
		return r, fmt.Errorf("the trials of %s stand by themselves: regret is of tasks such as TwoArmedBandit",
			p.config.Task)
	case sessions < 1 || sessions > mostTrials/n:
		return r, fmt.Errorf("invalid sessions %d: use 1 to %d", sessions, mostTrials/n)
	}
	err := p.Act(ctx, sessions*n, seed, Hooks{Each: func(m Moment) { r.Add(m.Step) }})
	if err == nil && r.Sessions == 0 {
		err = fmt.Errorf("time_limit %d cuts each session of %d trials: use a longer one, or 0 for none",
			p.config.TimeLimit, n)
	}
	return r, err
}

// earned sums what trials paid and what the best policy would have been paid for them.
type earned struct {
	reward, ceiling float64
	steps, correct  int
}

func (e *earned) add(trial earned, correct bool) {
	e.reward, e.ceiling = e.reward+trial.reward, e.ceiling+trial.ceiling
	if correct {
		e.correct++
	}
}

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
	GroundTruth  []int          `json:"gt"`                // [T], or null where the environment has no ground truth
	Correct      bool           `json:"correct"`
}

// mostRollout bounds the memory of a rollout, in bytes.
const mostRollout = 1 << 33

// Rollout acts greedily for a number of whole trials and returns every step of them, in at most 8 GiB of memory.
func (p *Policy) Rollout(ctx context.Context, trials int, seed uint64) ([]TrialTrace, error) {
	step := 4 * float64(p.net.Observation+p.net.Actions+len(p.agent.hidden)+p.net.StateSize()+p.agent.decays.Len())
	if bytes := float64(trials) * float64(max(1, p.spec.MaxTrialSteps)) * step; bytes > mostRollout {
		return nil, fmt.Errorf("invalid trials %d: their steps could take %.1f GB, of at most %.1f: use fewer", trials,
			bytes/1e9, mostRollout/1e9)
	}
	var traces []TrialTrace
	var current TrialTrace
	err := p.Act(ctx, trials, seed, Hooks{Begin: func(tasks.Task, *tasks.Trial) { current = TrialTrace{} },
		Each: func(m Moment) {
			current.add(m)
			if tasks.Ends(m.Step, p.goal.Trials) {
				current.Correct = m.Step.Info.Correct
				traces = append(traces, current)
			}
		}})
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
	if m.Step.Info.HasTruth {
		t.GroundTruth = append(t.GroundTruth, m.Step.Info.GroundTruth)
	}
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
	err := p.Act(ctx, trials, seed, Hooks{Begin: func(task tasks.Task, _ *tasks.Trial) {
		current = Outcome{Parameters: json.RawMessage("{}")}
		if task != nil {
			parameters, err := json.Marshal(task.Params())
			current.Parameters, failed = parameters, errors.Join(failed, err)
		}
	}, Each: func(m Moment) {
		current.Reward += float64(m.Step.Reward)
		if tasks.Ends(m.Step, p.goal.Trials) {
			current.Answer, current.Correct = m.Action, m.Step.Info.Correct
			outcomes = append(outcomes, current)
		}
	}})
	if failed != nil {
		return nil, fmt.Errorf("task %s: parameters of a trial: %w", p.config.Task, failed)
	}
	return outcomes, err
}
