package tasks

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestTrialCeiling checks that the mean over the drawn trials is the task's ceiling.
func TestTrialCeiling(t *testing.T) {
	options := map[string][]string{
		"GoNogo": {`{"rewards":{"correct":2,"fail":-1,"miss":-1}}`},
		"PerceptualDecisionMaking": {`{"sigma":2,"cohs":[3,12,40]}`,
			`{"rewards":{"correct":1,"fail":-0.5,"miss":-0.5}}`, `{"dim_ring":4}`},
		"ContextDecisionMaking": {`{"use_expl_context":true}`},
		"DelayComparison":       {`{"sigma":2}`},
		"DelayMatchSample":      {`{"sigma":8}`, `{"sigma":40}`}, // with 40 two mistakes, which answer right, are usual
		"ReadySetGo":            {`{"rewards":{"correct":0.2,"miss":0.5}}`},
	}
	for _, name := range Names() {
		for _, option := range append([]string{""}, options[name]...) {
			t.Run(name+option, func(t *testing.T) {
				task, err := NewTask(name, json.RawMessage(option))
				if err != nil {
					t.Fatal(err)
				}
				ceiling := TrialCeiling(task)
				rng, trial, sum := rand.New(rand.NewPCG(1, 1)), Trial{}, 0.0
				trials := 4000 * max(1, task.Spec().SessionTrials)
				for range trials {
					task.Draw(rng)
					trial.begin(len(task.Spec().Observations))
					task.Build(&trial, rng)
					sum += ceiling(&trial) / float64(trials)
				}
				if want := task.Ceiling(); math.Abs(sum-want) > 0.02*max(1, want) {
					t.Errorf("the trials' ceilings have mean %.4f, the task's is %.4f", sum, want)
				}
			})
		}
	}
}

// TestMeasureUnderTimeLimits checks that a limit that the longest trial does not fit into is refused with both numbers.
// With any other limit the references are those without one, except for chance, and a policy that does all right earns
// what the drawn trials can pay.
func TestMeasureUnderTimeLimits(t *testing.T) {
	for _, name := range []string{"GoNogo", "TemporalOrder"} {
		for limit := 1; limit <= 40; limit++ {
			env, err := New(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			longest := env.Spec().MaxTrialSteps
			if env, err = Wrap(env, Wrappers{TimeLimit: limit}); err != nil {
				t.Fatal(err)
			}
			r, err := MeasureReference(env, 400, 1)
			if limit < longest {
				if want := fmt.Sprintf("%s: a time limit of %d steps would cut the longest trial, of %d: use %d "+
					"or more, or 0 for none",
					name, limit, longest, longest); err == nil || err.Error() != want {
					t.Errorf("%v, want %s", err, want)
				}
				continue
			}
			if err != nil || math.Abs(r.Oracle-r.TrialCeiling) > 1e-9 || math.Abs(r.Oracle-r.Ceiling) > 0.1 {
				t.Errorf("%s, limit %d: %+v, %v", name, limit, r, err)
			}
		}
	}
	env, err := New("GoNogo", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MeasureReference(env, 0, 1); err == nil {
		t.Error("no trials were measured")
	}
}

// Only trials that can pay have a ceiling above 0.
func TestTrialCeilingIsTheTrials(t *testing.T) {
	t.Parallel()
	task, err := NewTask("GoNogo", nil)
	if err != nil {
		t.Fatal(err)
	}
	ceiling, seen, rng := TrialCeiling(task), map[float64]bool{}, rand.New(rand.NewPCG(1, 1))
	for range 50 {
		task.Draw(rng)
		seen[ceiling(&Trial{})] = true
	}
	if len(seen) != 2 || !seen[0] || !seen[1] {
		t.Errorf("the trials' ceilings are %v, want 0 and 1", seen)
	}
}

// Where breaking fixation ends the trial and pays more than what follows, the best policy breaks it in each trial that
// has a fixation: here in half of them.
func TestCeilingOfBreakingFixation(t *testing.T) {
	t.Parallel()
	ceiling := func(name, rewards string) float64 {
		task, err := NewTask(name, json.RawMessage(`{"abort":true,"timing":{"fixation":[0,300]},"rewards":`+
			rewards+`}`))
		if err != nil {
			t.Fatal(err)
		}
		return task.Ceiling()
	}
	for _, name := range []string{"GoNogo", "PerceptualDecisionMaking", "DelayMatchSample", "DelayComparison"} {
		t.Run(name, func(t *testing.T) {
			after := ceiling(name, `{"abort":-1}`)
			if got, want := ceiling(name, `{"abort":2}`), (after+2)/2; math.Abs(got-want) > 1e-9 {
				t.Errorf("the ceiling is %v, want %v, the mean of %v and 2", got, want, after)
			}
		})
	}
}

// The ceiling of a trial of ContextDecisionMaking is that of the coherence of the modality that counts.
func TestTrialCeilingOfTheContext(t *testing.T) {
	t.Parallel()
	task := NewContextDecisionMaking()
	task.Cohs, task.Explicit = []float64{0, 51.2}, true
	rng, trial := rand.New(rand.NewPCG(1, 1)), Trial{}
	for range 40 {
		task.Draw(rng)
		trial.begin(len(task.Spec().Observations))
		task.Build(&trial, rng)
		counts := []float64{task.trial.Coh1, task.trial.Coh2}[task.trial.Context]
		if got, clear := task.TrialCeiling(&trial), counts > 0; clear != (got > 0.9) || !clear && got != 0.5 {
			t.Errorf("%+v: %v", task.trial, got)
		}
	}
}

// Where it pays not to answer when unsure, each trial has the ceiling of the task: its reward depends on more than
// the accuracy.
func TestTrialCeilingWhereSilencePays(t *testing.T) {
	t.Parallel()
	task, err := NewTask("PerceptualDecisionMaking", json.RawMessage(`{"rewards":{"fail":-3}}`))
	if err != nil {
		t.Fatal(err)
	}
	of, want, rng, trial := TrialCeiling(task), task.Ceiling(), rand.New(rand.NewPCG(1, 1)), Trial{}
	for range 20 {
		task.Draw(rng)
		trial.begin(len(task.Spec().Observations))
		task.Build(&trial, rng)
		if got := of(&trial); got != want {
			t.Errorf("a trial's ceiling is %v, want %v", got, want)
		}
	}
}
