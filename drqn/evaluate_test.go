package drqn

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"engram/internal/numbers"
	"engram/tasks"
)

// fresh returns the policy of an untrained network.
func fresh(t testing.TB, c Config, seed uint64) *Policy {
	t.Helper()
	p := planOf(t, c)
	return p.policy(p.net.Init(stream(seed, streamWeights).Rand))
}

// TestTimeLimit tries limits over all tasks and both kinds of episodes: one that is shorter than the longest trial is
// refused by both numbers, and with any other an evaluation ends, of whole trials only.
func TestTimeLimit(t *testing.T) {
	for _, task := range tasks.Names() {
		if task == "Endless" {
			continue
		}
		for _, preset := range []string{"default", "session"} {
			c := small(t, preset)
			c.Task, c.Capacity = task, 4000
			env, err := c.newEnvironment()
			if err != nil {
				t.Fatal(err)
			}
			longest := env.Spec().MaxTrialSteps
			for _, limit := range []int{1, 5, longest - 1, longest, longest + 1, 2*longest - 1, 500} {
				if limit == 0 { // one less than a trial of one step: no limit
					continue
				}
				c.TimeLimit = limit
				err := c.Validate()
				if refused := err != nil; refused != (limit < longest) {
					t.Errorf("%s, %s: time limit %d, longest trial %d: %v", task, preset, limit, longest, err)
				}
				if err != nil {
					if text := err.Error(); !strings.Contains(text, fmt.Sprint("time_limit ", limit)) ||
						!strings.Contains(text, fmt.Sprint(longest, " steps")) {
						t.Errorf("%s: %v: a number is missing", task, err)
					}
					continue
				}
				sameTrials(t, fresh(t, c, 1))
			}
		}
	}
}

// sameTrials holds Evaluate, Outcomes and Rollout against each other: they are three views of the same whole trials.
func sameTrials(t *testing.T, p *Policy) {
	t.Helper()
	const trials, seed = 12, 3
	ctx := context.Background()
	e, err := p.Evaluate(ctx, trials, seed)
	outcomes, errO := p.Outcomes(ctx, trials, seed)
	traces, errR := p.Rollout(ctx, trials, seed)
	if err != nil || errO != nil || errR != nil || len(outcomes) != trials || len(traces) != trials {
		t.Fatalf("%s: %d outcomes, %d traces, %v, %v, %v", p.config.Task, len(outcomes), len(traces), err, errO, errR)
	}
	reward, correct := 0.0, 0.0
	for i, trace := range traces {
		longest := 0
		for _, period := range trace.Periods {
			longest = max(longest, period.End)
		}
		if len(trace.Actions) > longest {
			t.Errorf("%s, limit %d: trial %d has %d steps of %d", p.config.Task, p.config.TimeLimit, i,
				len(trace.Actions), longest)
		}
		sum := 0.0
		for _, r := range trace.Rewards {
			sum += float64(r)
		}
		if math.Abs(sum-outcomes[i].Reward) > 1e-9 || trace.Correct != outcomes[i].Correct {
			t.Errorf("%s, limit %d: trial %d: %v and %v", p.config.Task, p.config.TimeLimit, i, sum, outcomes[i].Reward)
		}
		reward += sum / trials
		if trace.Correct {
			correct += 1.0 / trials
		}
	}
	if math.Abs(reward-e.RewardPerTrial) > 1e-9 || math.Abs(correct-e.Accuracy) > 1e-9 {
		t.Errorf("%s, limit %d: Evaluate says %v and %v, the traces %v and %v", p.config.Task, p.config.TimeLimit,
			e.RewardPerTrial, e.Accuracy, reward, correct)
	}
}

// TestTrialsWithRoom checks that only those trials of a session count that begin with room for the longest one before
// the time limit. A later one ends in time only if it is answered quickly, so counting it would prefer such answers.
func TestTrialsWithRoom(t *testing.T) {
	const longest, trials = 15, 20
	// A press ends a trial after 11 steps: of 36 steps the trial that begins after 22 is late.
	for limit, some := range map[int]bool{26: false, 36: true} {
		c := small(t, "session")
		c.TimeLimit = limit
		p := fresh(t, c, 1)
		copy(p.net.Values(p.weights).At("bq"), []float32{0, 100}) // always presses
		want, late := trialsWithRoom(t, p, trials, limit-longest)
		outcomes, err := p.Outcomes(context.Background(), trials, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range outcomes {
			if math.Abs(o.Reward-want[i]) > 1e-9 {
				t.Errorf("limit %d: trial %d earns %v, want %v", limit, i, o.Reward, want[i])
			}
		}
		if some != (late > 0) {
			t.Errorf("limit %d: %d trials that began late ended", limit, late)
		}
	}
}

// trialsWithRoom acts step by step and returns the rewards of whole trials that begin in the first steps of a session,
// and how many of the others ended.
func trialsWithRoom(t *testing.T, p *Policy, trials, first int) (rewards []float64, late int) {
	t.Helper()
	envs, err := tasks.NewVector(1, p.config.newEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if err := envs.Reset(1); err != nil {
		t.Fatal(err)
	}
	agent := NewAgent(p.net, p.weights)
	state, reward, begun := agent.NewState(), 0.0, 0
	for step := 0; len(rewards) < trials; {
		steps, err := envs.Step([]int{numbers.Argmax(agent.Q(envs.Observation(0), state))})
		if err != nil {
			t.Fatal(err)
		}
		reward += float64(steps[0].Reward)
		step++
		if steps[0].Info.TrialEnd && begun <= first {
			rewards = append(rewards, reward)
		} else if steps[0].Info.TrialEnd {
			late++
		}
		if steps[0].Truncated {
			step = 0
			clear(state)
		}
		if steps[0].Info.TrialEnd || steps[0].Truncated {
			reward, begun = 0, step
		}
	}
	return rewards, late
}

// TestTrialsStartFromZero checks that a trial that is an episode begins with the recurrent state zero, whatever was
// before it.
func TestTrialsStartFromZero(t *testing.T) {
	p := fresh(t, small(t, "default"), 1)
	traces, err := p.Rollout(context.Background(), 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	agent := NewAgent(p.net, p.weights)
	for i, trace := range traces {
		state := agent.NewState()
		if q := agent.Q(trace.Observations[0], state); !slices.Equal(q, trace.Q[0]) ||
			!slices.Equal(state, trace.States[0]) {
			t.Errorf("trial %d begins from another state", i)
		}
	}
}

// TestAbsurdTrials checks that a number of trials that no memory holds is refused at once, by its number.
func TestAbsurdTrials(t *testing.T) {
	p, ctx := fresh(t, small(t, "default"), 1), context.Background()
	for _, trials := range []int{-1, 0, 1<<30 + 1, math.MaxInt} {
		_, evaluate := p.Evaluate(ctx, trials, 1)
		_, outcomes := p.Outcomes(ctx, trials, 1)
		_, rollout := p.Rollout(ctx, trials, 1)
		for what, err := range map[string]error{"evaluate": evaluate, "outcomes": outcomes, "rollout": rollout} {
			if err == nil || !strings.Contains(err.Error(), fmt.Sprint("invalid trials ", trials)) {
				t.Errorf("%s %d trials: error %v", what, trials, err)
			}
		}
	}
	if _, err := p.Rollout(ctx, 1<<25, 1); err == nil || !strings.Contains(err.Error(), "GB") {
		t.Errorf("a rollout of %d trials: error %v", 1<<25, err)
	}
}

// endless is a task whose trials are longer than its Spec says.
type endless struct{ *tasks.GoNogo }

func (endless) Spec() tasks.Spec {
	return tasks.Spec{Name: "Endless", StepMillis: 100, MaxTrialSteps: 2, Observations: []string{"a", "b", "c"},
		Actions: []string{"wait", "go"}}
}

// TestEvaluationEnds checks that an evaluation ends even if the Spec of its task is wrong about its trials.
func TestEvaluationEnds(t *testing.T) {
	_ = tasks.Register(func() tasks.Task { return endless{tasks.NewGoNogo()} }) // an error where the test is run twice
	c := small(t, "session")
	c.Task, c.TimeLimit = "Endless", 3
	if e, err := fresh(t, c, 1).Evaluate(context.Background(), 5, 1); err == nil || e != (Evaluation{}) {
		t.Errorf("%+v, %v: trials of 15 steps ended within 3", e, err)
	}
}

// TestShareOfTheTrialsDrawn checks that the share is relative to what the drawn trials can pay, so that luck with them
// is no skill.
func TestShareOfTheTrialsDrawn(t *testing.T) {
	c := small(t, "default")
	c.Task = "GoNogo"
	p := fresh(t, c, 1)
	for seed := range uint64(8) {
		e, err := p.Evaluate(context.Background(), 40, seed)
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := p.Outcomes(context.Background(), 40, seed)
		if err != nil {
			t.Fatal(err)
		}
		pays := 0.0
		for _, o := range outcomes {
			var trial struct {
				Go float64 `json:"ground_truth"`
			}
			if err := json.Unmarshal(o.Parameters, &trial); err != nil {
				t.Fatal(err)
			}
			pays += trial.Go / 40
		}
		if math.Abs(e.TrialCeiling-pays) > 1e-12 || math.Abs(e.ShareOfCeiling-e.RewardPerTrial/pays) > 1e-12 {
			t.Errorf("seed %d: %+v of trials that pay %v", seed, e, pays)
		}
	}
	if p.goal.share(0.4, 0) != 0.8 || p.goal.share(0.2, 0.25) != 0.8 {
		t.Error("where no trial could pay the share is of the task's ceiling")
	}
}
