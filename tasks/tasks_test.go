package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestReferenceValues holds the policies' rewards against values measured on NeuroGym itself with 2.3.1
// (random and cue-only: means over thousands of trials) and against the ideal observers' formulas. In the last three
// tasks, which NeuroGym does not have, guessing a bit for 1 or -1 earns 0.
func TestReferenceValues(t *testing.T) {
	if testing.Short() {
		t.Skip("180,000 trials in one goroutine: the race detector has nothing to find")
	}
	const trials = 20_000
	for _, want := range []struct {
		task                         string
		oracle, random, cue, ceiling float64
		steps                        float64
		gt                           float64
	}{
		{"PerceptualDecisionMaking", 1, 0.275, 0.51, 0.896, 22, 1},
		{"GoNogo", 0.50, 0.255, 0.25, 0.50, 13, 0.5},
		{"DelayMatchSample", 1, 0.31, 0.50, 1, 24, 1},
		{"ContextDecisionMaking", 1, 0.14, 0.50, 0.941, 19.2, 1},
		{"IntervalDiscrimination", 1, 0.275, 0.62, 1, 34.2, 1},
		{"DelayComparison", 1, 0.01, 0.50, 0.996, 26, 1},
		{"ReadySetGo", 1, -0.05, 0.31, 1, 29.8, 0.545},
		{"TemporalOrder", 1, 0, 0, 1, 7, 1},
		{"MemoryLength", 1, 0, 0, 1, 11, 1},
		{"Integration", 1, 0, 0, 1, 21, 1},
	} {
		t.Run(want.task, func(t *testing.T) {
			env, err := New(want.task, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := MeasureReference(env, trials, 1)
			if err != nil {
				t.Fatal(err)
			}
			// Rewards per trial deviate by about 0.5: three standard errors are 0.011; the reference values are
			// rounded to 0.01, and some come from fewer trials.
			near := func(what string, got, want, tolerance float64) {
				if math.Abs(got-want) > tolerance {
					t.Errorf("%s %.4f, want %.4f", what, got, want)
				}
			}
			near("oracle", got.Oracle, want.oracle, 0.011)
			near("gt", got.GroundTruth, want.gt, 0.012)
			near("random", got.Random, want.random, 0.02)
			near("cue-only", got.Cue, want.cue, 0.02)
			near("ceiling", got.Ceiling, want.ceiling, 0.0006)
			near("steps", got.OracleSteps, want.steps, 0.2)
		})
	}
}

// TestNames wants a new task to be listed after those that were there.
func TestNames(t *testing.T) {
	want := []string{"GoNogo", "PerceptualDecisionMaking", "DelayMatchSample", "ContextDecisionMaking",
		"IntervalDiscrimination",
		"DelayComparison", "ReadySetGo", "TemporalOrder", "MemoryLength", "Integration",
		"TwoArmedBandit"}
	if got := Names(); len(got) < len(want) || !slices.Equal(got[:len(want)], want) { // an Example registers one more
		t.Errorf("the tasks are %v, want %v", got, want)
	}
}

func TestSameSeedSameTrials(t *testing.T) {
	for _, name := range Names() {
		a, b, other := record(t, name, 5), record(t, name, 5), record(t, name, 6)
		if !slices.Equal(a, b) {
			t.Errorf("%s: two runs with one seed differ", name)
		}
		if slices.Equal(a, other) {
			t.Errorf("%s: two seeds gave the same run", name)
		}
	}
}

// record returns 300 steps of a task under the random policy, as JSON lines.
func record(t *testing.T, name string, seed uint64) []string {
	t.Helper()
	env, err := New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	err = Trace(env, Random, seed, 300, func(s TraceStep) error {
		line, err := json.Marshal(s)
		lines = append(lines, string(line))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestVectorEqualsSingleEnvironments(t *testing.T) {
	const n, seed = 3, 9
	construct := func() (Env, error) {
		env, err := New("TemporalOrder", nil)
		return env, err
	}
	vector, err := NewVector(n, construct)
	if err != nil {
		t.Fatal(err)
	}
	if err := vector.Reset(seed); err != nil {
		t.Fatal(err)
	}
	// The episode seeds are drawn in the order in which episodes begin; one-trial episodes of equal length
	// begin together, environment by environment.
	draws := rand.New(rand.NewPCG(seed, 1))
	seeds := draws.Uint64
	singles := make([]Env, n)
	for i := range singles {
		singles[i], _ = construct()
		if _, err := singles[i].Reset(seeds()); err != nil {
			t.Fatal(err)
		}
	}
	for step := range 50 {
		steps, err := vector.Step(make([]int, n))
		if err != nil {
			t.Fatal(err)
		}
		for i, env := range singles {
			want, _ := env.Step(0)
			if !slices.Equal(steps[i].Observation, want.Observation) || steps[i].Reward != want.Reward ||
				steps[i].Terminated != want.Terminated {
				t.Fatalf("step %d, environment %d: %+v, alone %+v", step, i, steps[i], want)
			}
			next := want.Observation
			if want.Terminated {
				next, _ = env.Reset(seeds())
			}
			if !slices.Equal(vector.Observation(i), next) {
				t.Fatalf("step %d, environment %d: acts on %v, alone on %v", step, i, vector.Observation(i), next)
			}
		}
	}
}

func TestSteppingDoesNotAllocate(t *testing.T) {
	for _, name := range Names() {
		vector, err := NewVector(8, func() (Env, error) {
			env, err := New(name, nil)
			if err != nil {
				return nil, err
			}
			return Wrap(env, Wrappers{TimeLimit: 500, PassAction: true, PassReward: true})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := vector.Reset(1); err != nil {
			t.Fatal(err)
		}
		actions := make([]int, 8)
		step := func() {
			if _, err := vector.Step(actions); err != nil {
				t.Fatal(err)
			}
		}
		for range 5000 { // until the longest trial has been drawn
			step()
		}
		if allocs := testing.AllocsPerRun(500, step); allocs != 0 {
			t.Errorf("%s: %v allocations a step", name, allocs)
		}
	}
}

func TestWrappers(t *testing.T) {
	env, _ := New("GoNogo", nil)
	env, err := Wrap(env, Wrappers{TimeLimit: 4, PassAction: true, PassReward: true})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := env.Reset(1)
	if want := []float32{0, 0, 0}; !slices.Equal(first[3:], want) {
		t.Errorf("previous action and reward at first: %v, want %v", first[3:], want)
	}
	for step := 1; step <= 4; step++ {
		s, err := env.Step(step % 2)
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{float32(1 - step%2), float32(step % 2), 0}
		if !slices.Equal(s.Observation[3:], want) {
			t.Errorf("step %d: previous action and reward %v, want %v", step, s.Observation[3:], want)
		}
		if s.Truncated != (step == 4) {
			t.Errorf("step %d: truncated %v", step, s.Truncated)
		}
	}
	if _, err := Wrap(env, Wrappers{TimeLimit: -1}); err == nil {
		t.Error("a negative time limit was accepted")
	}
}

func TestBadOptionsAreNamed(t *testing.T) {
	for _, c := range []struct{ task, options, names string }{
		{"Nope", ``, "GoNogo"},
		{"GoNogo", `{"tming":{}}`, "tming"},
		{"GoNogo", `{"timing":{"wait":1}}`, "wait"},
		{"GoNogo", `{"timing":{"delay":-1}}`, "-1"},
		{"GoNogo", `{"timing":{"delay":null}}`, "null"},
		{"GoNogo", `{"timing":null}`, "timing: null is no value"},
		{"GoNogo", `{"timing":{"delay":{"normal":[1,2]}}}`, "normal"},
		{"GoNogo", `{"timing":{"delay":{"uniform":[5,2]}}}`, "low must lie below"},
		{"GoNogo", `{"timing":{"delay":1e6},"dt":1}`, "steps"},
		{"GoNogo", `{"dt":0}`, "dt 0"},
		{"GoNogo", `{"dt":501}`, "stimulus lasts 500 ms: less than a step of 501 ms"},
		{"GoNogo", `{"timing":{"stimulus":0,"delay":{"uniform":[99,500]},"decision":[500,99]}}`,
			"decision lasts 99 ms: less than a step of 100 ms"},
		{"GoNogo", `{"timing":{"delay":0,"decision":{"truncated_exponential":[900,99,1000]}}}`,
			"decision may last 99 ms"},
		{"ReadySetGo", `{"dt":801,"timing":{"fixation":1000,"ready":1000,"set":1000}}`,
			`period "measure" may be so short`},
		{"ReadySetGo", `{"gain":0.049}`, `period "measure"`},
		{"GoNogo", `{} {}`, "after the JSON object"},
		{"GoNogo", `{"dt":100.0}`, "options: dt: a whole number of ms, not 100.0"},
		{"GoNogo", `{"dt":1e2}`, "dt: a whole number of ms, not 1e2"},
		{"GoNogo", `{"dt":"100"}`, `dt: a whole number of ms, not "100"`},
		{"GoNogo", `{"dt":null}`, "dt: null is no value"},
		{"GoNogo", `[]`, "not []"},
		{"GoNogo", `null`, "not null"},
		{"GoNogo", `{"timing":[1]}`, `timing: an object such as {"delay":1000}, not [1]`},
		{"GoNogo", `{"DT":50}`,
			`option "DT" does not exist (did you mean dt?): use one of dt, timing, rewards, abort`},
		{"GoNogo", `{"dt":50,"dt":60}`, `option "dt" stands twice`},
		{"GoNogo", `{"timing":{"delay":1,"delay":2}}`, `option "timing.delay" stands twice`},
		{"GoNogo", `{"timing":{"delay":[1000,null]}}`, "duration [1000,null]"},
		{"GoNogo", `{"rewards":{"Fail":-1}}`,
			`option "rewards.Fail" does not exist (did you mean fail?): use one of abort, correct, fail, miss`},
		{"GoNogo", `{"rewards":{"fail":"x"}}`, `rewards.fail: a number, not "x"`},
		{"GoNogo", `{"abort":1}`, "abort: true or false, not 1"},
		{"PerceptualDecisionMaking", `{"cohs":[1,"x"]}`, `cohs: item 2: a number, not "x"`},
		{"PerceptualDecisionMaking", `{"sigma":1e999}`, "sigma: 1e999 is too large a number"},
		{"PerceptualDecisionMaking", `{"cohs":[-5]}`, "invalid -5 in cohs: use 0 to 100 percent"},
		{"PerceptualDecisionMaking", `{"dt":200}`, "fixation lasts 100 ms: less than a step of 200 ms"},
		{"PerceptualDecisionMaking", `{"dt":300,"timing":{"fixation":0}}`,
			"decision lasts 100 ms: less than a step of 300 ms"},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":0}}`, "stimulus never lasts a step of 100 ms"},
		{"PerceptualDecisionMaking", `{"rewards":{"fail":2}}`, "correct 1 is less than fail, 2"},
		{"DelayComparison", `{"vpairs":[[18]]}`, "vpairs: item 1: a list of 2, each a number, not [18]"},
		{"DelayComparison", `{"vpairs":[[18,10,3]]}`, "vpairs: item 1: a list of 2"},
		{"DelayComparison", `{"timing":{"stimulus2":0}}`, "stimulus2 never lasts"},
		{"DelayMatchSample", `{"timing":{"decision":0}}`, "decision may last 0 ms"},
		{"DelayMatchSample", `{"timing":{"test":0}}`, "test never lasts"},
		{"IntervalDiscrimination", `{"timing":{"stim1":0}}`, "stim1 never lasts"},
		{"ReadySetGo", `{"dt":100}`, "ready lasts 83 ms: less than a step of 100 ms"},
		{"TemporalOrder", `{"form":"random","size":3,"vector_seed":4}`, "vector_seed 4 with size 3"},
		{"TemporalOrder", `{"vector_seed":-1}`, "vector_seed: a whole number, 0 or more, not -1"},
		{"Nope", ``, "tasks.Register(...)' above %%"},
		{"PerceptualDecisionMaking", `{"dim_ring":1}`, "dim_ring 1"},
		{"PerceptualDecisionMaking", `{"sigma":-1}`, "sigma -1"},
		{"DelayComparison", `{"vpairs":[[1,2]]}`, "stronger"},
		{"TemporalOrder", `{"form":"x"}`, "one_hot or random"},
		{"ReadySetGo", `{"gain":0}`, "gain 0"},
		{"MemoryLength", `{"memory_length":0}`, "invalid memory_length 0: use 1 to 10000"},
		{"MemoryLength", `{"memory_length":10001}`, "invalid memory_length 10001: use 1 to 10000"},
		{"MemoryLength", `{"memory_length":1.5}`, "memory_length"},
		{"MemoryLength", `{"num_bits":0}`, "invalid num_bits 0: use 1 to 100"},
		{"MemoryLength", `{"num_bits":101}`, "invalid num_bits 101: use 1 to 100"},
		{"MemoryLength", `{"dt":100}`, "dt"},
		{"Integration", `{"n_steps":0}`, "invalid n_steps 0: use 1 to 1000"},
		{"Integration", `{"n_steps":1,"novel":true}`, "invalid n_steps 1 with novel: use 2 or more"},
		{"Integration", `{"size":1}`, "invalid size 1: use 2 to 1000"},
		{"Integration", `{"size":2}`, "draws one vector for two inputs"},
		{"Integration", `{"correct":-2}`, "correct -2 is less than wrong"},
		{"TwoArmedBandit", `{"trials":0}`, "invalid trials 0: use 1 to 100"},
		{"TwoArmedBandit", `{"trials":101}`, "invalid trials 101: use 1 to 100"},
		{"TwoArmedBandit", `{"reversal":-0.1}`, "invalid reversal -0.1: use 0 to 1"},
		{"TwoArmedBandit", `{"reversal":1.5}`, "invalid reversal 1.5: use 0 to 1"},
		{"TwoArmedBandit", `{"reversal":"often"}`, `reversal: a number, not "often"`},
		{"ContextDecisionMaking", `{"impl_context_modality":2}`, "impl_context_modality 2"},
	} {
		_, err := New(c.task, json.RawMessage(c.options))
		if err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s %s: error %v does not name %q", c.task, c.options, err, c.names)
		}
	}
}

func TestOptionsChangeTheTask(t *testing.T) {
	task, err := NewTask("GoNogo", json.RawMessage(`{"timing":{"delay":[1000]},"rewards":{"fail":-2}}`))
	if err != nil {
		t.Fatal(err)
	}
	g := task.(*GoNogo)
	if g.Rewards.Fail != -2 || g.Rewards.Correct != 1 {
		t.Errorf("rewards %+v: want fail -2 and the others as they were", g.Rewards)
	}
	if got := task.Spec().MaxTrialSteps; got != 20 {
		t.Errorf("%d steps a trial, want 20", got)
	}
}

// TestShortestTrials checks that one step is enough, and a trial is never longer than promised.
func TestShortestTrials(t *testing.T) {
	for _, c := range []struct{ task, options string }{
		{"GoNogo", `{"dt":500}`}, {"GoNogo", `{"timing":{"stimulus":100,"delay":0,"decision":[500,100]}}`},
		{"ReadySetGo", `{"dt":800,"timing":{"fixation":0,"ready":800,"set":800}}`},
		{"ReadySetGo", `{"gain":0.05}`}, {"ReadySetGo", `{"timing":{"ready":9000}}`},
	} {
		env, err := New(c.task, json.RawMessage(c.options))
		if err != nil {
			t.Errorf("%s %s: %v", c.task, c.options, err)
			continue
		}
		if _, err := MeasureReference(env, 200, 1); err != nil {
			t.Errorf("%s %s: %v", c.task, c.options, err)
		}
		_, trial := env.(Inspector).Task()
		if steps, most := trial.Steps(), env.Spec().MaxTrialSteps; steps > most {
			t.Errorf("%s %s: a trial of %d steps, of at most %d", c.task, c.options, steps, most)
		}
	}
}

// stepless is a task whose trials have no step.
type stepless struct{ *MemoryLength }

func (stepless) Build(*Trial, Noise) {}

// TestTrialWithoutStep checks that a user's task that draws trials without a step is an error, wherever one begins.
func TestTrialWithoutStep(t *testing.T) {
	env := NewEnv(stepless{NewMemoryLength()})
	if _, err := env.Reset(1); err == nil || !strings.Contains(err.Error(), "a trial without a step") {
		t.Errorf("error %v", err)
	}
	good := NewEnv(NewMemoryLength())
	if _, err := good.Reset(1); err != nil {
		t.Fatal(err)
	}
	state, err := good.(Stateful).State()
	if err != nil {
		t.Fatal(err)
	}
	if err := env.(Stateful).SetState(state); err == nil || !strings.Contains(err.Error(), "a trial without a step") {
		t.Errorf("error %v", err)
	}
}

func TestInvalidAction(t *testing.T) {
	env, _ := New("GoNogo", nil)
	if _, err := env.Reset(1); err != nil {
		t.Fatal(err)
	}
	for _, action := range []int{-1, 2} {
		if _, err := env.Step(action); err == nil {
			t.Errorf("action %d was accepted", action)
		}
	}
}

func BenchmarkVectorStep(b *testing.B) {
	vector, err := NewVector(8, func() (Env, error) { return New("DelayMatchSample", nil) })
	if err != nil {
		b.Fatal(err)
	}
	if err := vector.Reset(1); err != nil {
		b.Fatal(err)
	}
	actions := make([]int, 8)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vector.Step(actions); err != nil {
			b.Fatal(err)
		}
	}
}
