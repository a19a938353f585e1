package tasks

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// wrappersOf are the ways in which environments are wrapped in the tests of state.
var wrappersOf = map[string]Wrappers{"plain": {}, "limited": {TimeLimit: 37},
	"passing": {TimeLimit: 50, PassAction: true, PassReward: true}}

func newVector(t *testing.T, task string, w Wrappers) *Vector {
	t.Helper()
	v, err := NewVector(3, func() (Env, error) {
		env, err := New(task, nil)
		if err != nil {
			return nil, err
		}
		return Wrap(env, w)
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// steps takes so many random steps and returns what was answered, copied.
func steps(t *testing.T, v *Vector, rng *rand.Rand, count int) (answers []Step, observations [][]float32) {
	t.Helper()
	actions := make([]int, v.Len())
	for range count {
		for i := range actions {
			actions[i] = rng.IntN(len(v.Spec().Actions))
		}
		answered, err := v.Step(actions)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range answered {
			s.Observation = append([]float32(nil), s.Observation...)
			answers = append(answers, s)
		}
		observations = append(observations, append([]float32(nil), v.Observations()...))
	}
	return answers, observations
}

// TestState puts every task, wrapped in every way, back into mid-trial, through JSON: it continues as the original
// does.
func TestState(t *testing.T) {
	for _, task := range Names() {
		for name, w := range wrappersOf {
			original := newVector(t, task, w)
			if err := original.Reset(4); err != nil {
				t.Fatal(err)
			}
			for _, before := range []int{0, 1, 13, 40} {
				steps(t, original, rand.New(rand.NewPCG(1, 1)), before)
				state, err := original.State()
				if err != nil {
					t.Fatal(err)
				}
				data, err := json.Marshal(state)
				if err != nil {
					t.Fatal(err)
				}
				var read VectorState
				if err := json.Unmarshal(data, &read); err != nil {
					t.Fatal(err)
				}
				restored := newVector(t, task, w)
				if err := restored.Reset(99); err != nil {
					t.Fatal(err)
				}
				if err := restored.SetState(read); err != nil {
					t.Fatalf("%s %s: %v", task, name, err)
				}
				if !reflect.DeepEqual(restored.Observations(), original.Observations()) {
					t.Fatalf("%s %s: after %d steps the observations differ", task, name, before)
				}
				wantSteps, wantSeen := steps(t, original, rand.New(rand.NewPCG(2, 2)), 80)
				gotSteps, gotSeen := steps(t, restored, rand.New(rand.NewPCG(2, 2)), 80)
				if !reflect.DeepEqual(gotSteps, wantSteps) || !reflect.DeepEqual(gotSeen, wantSeen) {
					t.Fatalf("%s %s: put back after %d steps, it continued differently", task, name, before)
				}
			}
		}
	}
}

func TestStateRefused(t *testing.T) {
	v := newVector(t, "GoNogo", Wrappers{TimeLimit: 50})
	if err := v.Reset(4); err != nil {
		t.Fatal(err)
	}
	steps(t, v, rand.New(rand.NewPCG(1, 1)), 7)
	good, err := v.State()
	if err != nil {
		t.Fatal(err)
	}
	for want, alter := range map[string]func(*VectorState){
		"state of 2 environments": func(s *VectorState) { s.Environments = s.Environments[:2] },
		"8 observed numbers":      func(s *VectorState) { s.Observations = s.Observations[:8] },
		"seeds":                   func(s *VectorState) { s.Seeds = s.Seeds[:9] },
		"environment 1":           func(s *VectorState) { s.Environments[1] = json.RawMessage("[]") },
		"step 50 of an episode": func(s *VectorState) {
			s.Environments[0] = json.RawMessage(strings.Replace(string(s.Environments[0]), `{"steps":7`, `{"steps":50`,
				1))
		},
		"the saved trial differs from the one drawn": func(s *VectorState) {
			s.Environments[0] = json.RawMessage(strings.Replace(string(s.Environments[0]), `"checksum":`,
				`"checksum":1`, 1))
		},
		"step -1 of a trial": func(s *VectorState) {
			s.Environments[0] = json.RawMessage(strings.Replace(string(s.Environments[0]), `"step":`,
				`"step":-1,"was":`, 1))
		},
	} {
		s := good
		s.Environments = append([]json.RawMessage(nil), good.Environments...)
		alter(&s)
		if err := v.SetState(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	other := newVector(t, "TemporalOrder", Wrappers{TimeLimit: 50})
	if err := other.SetState(good); err == nil {
		t.Error("another task took the state")
	}
	if err := v.SetState(good); err != nil {
		t.Error(err)
	}
}

// stateless hides that an environment is Stateful.
type stateless struct{ Env }

func TestNotStateful(t *testing.T) {
	env, err := New("GoNogo", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVector(1, func() (Env, error) { return Wrap(stateless{env}, Wrappers{TimeLimit: 9}) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.State(); !errors.Is(err, ErrNotStateful) || !strings.Contains(err.Error(), "GoNogo") {
		t.Errorf("error %v", err)
	}
}
