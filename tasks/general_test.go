package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// walk is an environment that is no task: a step right or left, until Goal is reached on either side.
type walk struct {
	Goal  int  `json:"goal" range:"1 or more"`
	Wide  bool `json:"wide"`  // observes more numbers than it says
	Drift bool `json:"drift"` // what it does depends on more than seed and actions

	at, drawn   int
	observation []float32
}

var drifts int

func (w *walk) Check() error {
	if w.Goal < 1 {
		return fmt.Errorf("invalid goal %d: use 1 or more", w.Goal)
	}
	return nil
}

func (w *walk) Spec() Spec {
	return Spec{Name: "walk", Observations: []string{"place", "drawn"}, Actions: []string{"left", "right"}}
}

func (w *walk) Reset(seed uint64) ([]float32, error) {
	w.at, w.drawn = 0, rand.New(rand.NewPCG(seed, 7)).IntN(1000)
	if w.Drift {
		drifts++
		w.drawn = drifts
	}
	return w.observe(), nil
}

func (w *walk) Step(action int) (Step, error) {
	w.at += 2*action - 1
	reached := w.at == w.Goal || w.at == -w.Goal
	return Step{Observation: w.observe(), Reward: float32(w.at), Terminated: reached}, nil
}

func (w *walk) observe() []float32 {
	w.observation = append(w.observation[:0], float32(w.at), float32(w.drawn))
	if w.Wide {
		w.observation = append(w.observation, 0)
	}
	return w.observation
}

func init() {
	if err := RegisterEnvironment("walk", func() Env { return &walk{Goal: 5} }); err != nil {
		panic(err)
	}
}

// newWalk returns a vector of environments that are no tasks.
func newWalk(t *testing.T, n int, options string, w Wrappers) *Vector {
	t.Helper()
	v, err := NewVector(n, func() (Env, error) {
		env, err := New("walk", json.RawMessage(options))
		if err != nil {
			return nil, err
		}
		return Wrap(env, w)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Reset(3); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestGeneralState stops environments that are no tasks at each of their first steps: restored to others, they do the
// same to the last bit, with and without wrappers.
func TestGeneralState(t *testing.T) {
	t.Parallel()
	for _, w := range []Wrappers{{}, {TimeLimit: 7, PassAction: true, PassReward: true, ObservationScale: 0.5}} {
		rng := rand.New(rand.NewPCG(1, 1))
		v := newWalk(t, 3, `{"goal":3}`, w)
		for step := range 30 {
			state, err := v.State()
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(state)
			if err != nil {
				t.Fatal(err)
			}
			other := newWalk(t, 3, `{"goal":3}`, w)
			state = VectorState{}
			if err := json.Unmarshal(data, &state); err != nil {
				t.Fatal(err)
			}
			if err := other.SetState(state); err != nil {
				t.Fatal(err)
			}
			for range 10 {
				actions := []int{rng.IntN(2), rng.IntN(2), rng.IntN(2)}
				a, err := v.Step(actions)
				if err != nil {
					t.Fatal(err)
				}
				b, err := other.Step(actions)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(v.Observations(), other.Observations()) {
					t.Fatalf("step %d: %+v after a restore, want %+v", step, b, a)
				}
			}
		}
	}
}

// A state of an environment whose episodes depend on more than seed and actions, a damaged one and
// one of other options are errors.
func TestOtherEpisode(t *testing.T) {
	t.Parallel()
	state := func(options string) VectorState {
		v := newWalk(t, 1, options, Wrappers{})
		for range 2 {
			if _, err := v.Step([]int{1}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := v.State()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for options, saved := range map[string]VectorState{`{"drift":true}`: state(`{"drift":true}`),
		`{"goal":1}`: state("")} {
		if err := newWalk(t, 1, options, Wrappers{}).SetState(saved); !errors.Is(err, ErrOtherEpisode) {
			t.Errorf("%s: %v", options, err)
		}
	}
	for _, damaged := range []string{`{"seed":1,"steps":1,"actions":"Bw=="}`, `{"seed":1,"steps":1,"actions":"gA=="}`,
		`7`} {
		saved := state("")
		saved.Environments[0] = json.RawMessage(damaged)
		if err := newWalk(t, 1, "", Wrappers{}).SetState(saved); err == nil {
			t.Errorf("state %s was accepted", damaged)
		}
	}
}

// An environment whose state is null begins a new episode, and is named.
func TestRestarted(t *testing.T) {
	t.Parallel()
	v := newWalk(t, 2, "", Wrappers{})
	if _, err := v.Step([]int{1, 1}); err != nil {
		t.Fatal(err)
	}
	s, err := v.State()
	if err != nil {
		t.Fatal(err)
	}
	s.Environments[1] = json.RawMessage("null")
	if err := v.SetState(s); err != nil {
		t.Fatal(err)
	}
	if got := v.Restarted(); !reflect.DeepEqual(got, []int{1}) || v.Observation(0)[0] != 1 || v.Observation(1)[0] != 0 {
		t.Errorf("restarted %v, observations %v", got, v.Observations())
	}
}

// An environment of the user's own that is wrong is an error that says how, and none panics.
func TestGeneralErrors(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"goal":0}`:  "walk: options: invalid goal 0: use 1 or more",
		`{"gaol":1}`:  `walk: options: option "gaol" does not exist: use one of goal, wide, drift`,
		`{"goal":"a"`: "JSON",
	} {
		if _, err := New("walk", json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", options, err, want)
		}
	}
	env, err := New("walk", json.RawMessage(`{"wide":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.Reset(1); err == nil ||
		!strings.Contains(err.Error(), "an observation of 3 numbers, not of the 2") {
		t.Errorf("a wide observation: %v", err)
	}
	for _, name := range []string{"", "a:b", "walk", "GoNogo"} {
		if RegisterEnvironment(name, func() Env { return &walk{} }) == nil {
			t.Errorf("name %q was accepted", name)
		}
	}
	if _, err := NewTask("walk", nil); err == nil || !strings.Contains(err.Error(), "no task of trials") {
		t.Errorf("as a task: %v", err)
	}
	if env, _ := New("walk", nil); Trace(env, Random, 1, 1, func(TraceStep) error { return nil }) == nil {
		t.Error("a reference policy ran on an environment that is no task")
	}
}

// TestMeasureRandom compares what acting at random earns in a walk with the closed form: a walk to 3 on either side
// takes 9 steps on average.
func TestMeasureRandom(t *testing.T) {
	t.Parallel()
	env, err := New("walk", json.RawMessage(`{"goal":3}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := MeasureRandom(env, 4000, 1)
	if err != nil || r.Episodes != 4000 || math.Abs(r.Steps-9) > 0.4 {
		t.Errorf("%+v, %v: want 9 steps an episode", r, err)
	}
}

// TestReturns compares mean and deviation with their definitions.
func TestReturns(t *testing.T) {
	t.Parallel()
	var r Returns
	for i, x := range []float64{1e9 + 1, 1e9 + 2, 1e9 + 6} {
		r.Add(x, 10*i)
	}
	if r.Mean != 1e9+3 || math.Abs(r.SD-math.Sqrt(14.0/3)) > 1e-9 || r.Steps != 10 || r.Episodes != 3 {
		t.Errorf("%+v", r)
	}
}

// An episode that ends by itself in the last step before the time limit is terminated and not truncated.
func TestTerminatedAtTheTimeLimit(t *testing.T) {
	t.Parallel()
	for goal, want := range map[int]Step{5: {Terminated: true}, 6: {Truncated: true}} {
		v := newWalk(t, 1, fmt.Sprintf(`{"goal":%d}`, goal), Wrappers{TimeLimit: 5})
		for step := 1; step <= 5; step++ {
			steps, err := v.Step([]int{1})
			if err != nil {
				t.Fatal(err)
			}
			if s := steps[0]; step == 5 && (s.Terminated != want.Terminated || s.Truncated != want.Truncated) ||
				step < 5 && (s.Terminated || s.Truncated) {
				t.Errorf("goal %d, step %d: terminated %t, truncated %t", goal, step, s.Terminated, s.Truncated)
			}
		}
	}
}

// What a time limit cuts off is not counted with the next trial: all trials of this task have the same steps.
func TestMeasureRandomUnderATimeLimit(t *testing.T) {
	t.Parallel()
	env, err := New("PerceptualDecisionMaking", nil)
	if err != nil {
		t.Fatal(err)
	}
	free, err := MeasureRandom(env, 50, 1)
	if err != nil {
		t.Fatal(err)
	}
	if env, err = Wrap(env, Wrappers{TimeLimit: env.Spec().MaxTrialSteps + 5}); err != nil {
		t.Fatal(err)
	}
	r, err := MeasureRandom(env, 50, 1)
	if err != nil || r.Steps > float64(env.Spec().MaxTrialSteps) || r.Steps != free.Steps {
		t.Errorf("%+v, %v; without a limit %+v", r, err, free)
	}
}

// moody is an environment whose episodes are not decided by their seeds.
type moody struct{ walk }

func (*moody) Irreproducible() string { return "it has moods" }

// TestNotExact checks that the reason why episodes cannot be resumed is that of the environment within its wrappers.
func TestNotExact(t *testing.T) {
	t.Parallel()
	for want, inner := range map[string]Env{"it has moods": &moody{}, "": &walk{}} {
		env, err := Wrap(replayable(inner), Wrappers{TimeLimit: 3, PassReward: true})
		if got := NotExact(env); err != nil || got != want {
			t.Errorf("%T: %q, %v, want %q", inner, got, err, want)
		}
	}
}
