package drqn

import (
	"context"
	"fmt"

	"engram/tasks"
)

// Evaluation is how an agent acted greedily on fresh trials.
type Evaluation struct {
	Task           string  `json:"task"`
	Update         int64   `json:"update"` // of the weights
	Trials         int     `json:"trials"`
	RewardPerTrial float64 `json:"reward_per_trial"`
	ShareOfCeiling float64 `json:"share_of_ceiling"` // reward per trial over the task's ceiling
	Accuracy       float64 `json:"accuracy"`         // share of trials answered correctly
	Seed           uint64  `json:"seed"`
	Lambda         float64 `json:"lambda,omitempty"` // decay of the agent's memory, as in Metrics
}

// Policy is an agent with the environment of its config: what a trained run is used by.
type Policy struct {
	config  Config
	agent   *Agent
	weights []float32 // [P]
	ceiling float64
}

// NewPolicy is the policy of weights [P] learned with a config.
func NewPolicy(c Config, weights []float32) (*Policy, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	task, err := tasks.NewTask(c.Task, c.TaskOptions)
	if err != nil {
		return nil, err
	}
	net, err := c.network()
	if err != nil {
		return nil, err
	}
	if len(weights) != net.size {
		return nil, fmt.Errorf("%d weights for a network of %d: they belong to another config", len(weights), net.size)
	}
	return &Policy{c, NewAgent(net, weights), weights, task.Ceiling()}, nil
}

// Weights are the policy's, [P], in double precision: for a Probe.
func (p *Policy) Weights() []float64 { return float64s(p.weights) }

// Evaluate acts greedily for a number of whole trials of a freshly seeded environment.
func (p *Policy) Evaluate(ctx context.Context, trials int, seed uint64) (Evaluation, error) {
	if trials < 1 {
		return Evaluation{}, fmt.Errorf("trials %d is impossible: choose 1 or more", trials)
	}
	e := Evaluation{Task: p.config.Task, Trials: trials, Seed: seed}
	done, reward, correct := 0, 0.0, 0
	err := p.run(ctx, seed, nil, func(s Moment) bool {
		reward += float64(s.Step.Reward)
		if s.Step.Info.TrialEnd {
			done++
			if s.Step.Info.Correct {
				correct++
			}
		}
		return done < trials
	})
	e.RewardPerTrial, e.Accuracy = reward/float64(trials), float64(correct)/float64(trials)
	e.ShareOfCeiling = e.RewardPerTrial / p.ceiling
	_, e.Lambda = p.agent.net.plasticity(p.weights)
	return e, err
}

// Moment is one step of a greedy agent; its slices are valid within the call.
type Moment struct {
	Observation []float32 // answered, [O]
	Q           []float32 // the actions' values, [A]
	Hidden      []float32 // the cell's activity, [H]
	State       []float32 // the recurrent state after the observation was read, [S]
	Action      int
	Step        tasks.Step     // what the environment answered
	Periods     []tasks.Period // of the trial acted in
}

// run acts greedily until each returns false. begin, which may be nil, is told of each trial before its first step.
func (p *Policy) run(ctx context.Context, seed uint64, begin func(tasks.Task), each func(Moment) bool) error {
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
	state, seen, action := p.agent.NewState(), make([]float32, p.agent.net.Observation), make([]int, 1)
	for ctx.Err() == nil {
		if trial.Step == 0 {
			periods = append(periods[:0], trial.Periods...)
			if begin != nil {
				begin(task)
			}
		}
		copy(seen, envs.Observation(0))
		q := p.agent.Q(seen, state)
		action[0] = greedy(q)
		steps, err := envs.Step(action)
		if err != nil {
			return err
		}
		if !each(Moment{seen, q, p.agent.Hidden(), state, action[0], steps[0], periods}) {
			return nil
		}
		if ended, _ := p.config.endsEpisode(steps[0]); ended {
			clear(state)
		}
	}
	return ctx.Err()
}

// TrialTrace is one trial of a greedy agent, step by step.
type TrialTrace struct {
	Periods      []tasks.Period `json:"periods"`      // as laid out; the trial may end before the last
	Observations [][]float32    `json:"observations"` // [T][O]
	Q            [][]float32    `json:"q"`            // [T][A]
	Hidden       [][]float32    `json:"hidden"`       // [T][H]
	States       [][]float32    `json:"states"`       // [T][S], for the MPN M row-major [H, I]
	Actions      []int          `json:"actions"`      // [T]
	Rewards      []float32      `json:"rewards"`      // [T]
	GroundTruth  []int          `json:"gt"`           // [T]
	Correct      bool           `json:"correct"`
}

// Rollout acts greedily for a number of trials and returns them.
func (p *Policy) Rollout(ctx context.Context, trials int, seed uint64) ([]TrialTrace, error) {
	if trials < 1 {
		return nil, fmt.Errorf("trials %d is impossible: choose 1 or more", trials)
	}
	traces := make([]TrialTrace, 1, trials)
	err := p.run(ctx, seed, nil, func(m Moment) bool {
		t := &traces[len(traces)-1]
		t.add(m)
		if !m.Step.Info.TrialEnd {
			return true
		}
		if t.Correct = m.Step.Info.Correct; len(traces) == trials {
			return false
		}
		traces = append(traces, TrialTrace{})
		return true
	})
	return traces, err
}

func (t *TrialTrace) add(m Moment) {
	copied := func(x []float32) []float32 { return append([]float32(nil), x...) }
	t.Periods = append(t.Periods[:0], m.Periods...)
	t.Observations = append(t.Observations, copied(m.Observation))
	t.Q = append(t.Q, copied(m.Q))
	t.Hidden = append(t.Hidden, copied(m.Hidden))
	t.States = append(t.States, copied(m.State))
	t.Actions = append(t.Actions, m.Action)
	t.Rewards = append(t.Rewards, m.Step.Reward)
	t.GroundTruth = append(t.GroundTruth, m.Step.Info.GroundTruth)
}
