package tasks

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"engram/internal/boundstest"
)

// optionsMemory bounds what a task of any options allocates while it is made and acted in: a trial has at most
// longestTrial steps, of as many channels as the options ask for.
const optionsMemory = 512 << 20

// FuzzOptions makes tasks of any options and acts in them, without and with a time limit of 1 to 600 steps. Whatever
// the options say, there is an error or a task that keeps its promises.
func FuzzOptions(f *testing.F) {
	for i, options := range []string{
		``, `{"timing":{"delay":2000}}`, `{"timing":{"delay":{"uniform":[800,1500]}},"dt":20}`,
		`{"dim_ring":4,"sigma":0.5}`,
		`{"timing":{"delay":{"truncated_exponential":[600,300,3000]}}}`, `{"rewards":{"abort":-1e300,"correct":2}}`,
		`{"cohs":[0,6.4,51.2]}`, `{"dt":200}`, `{"sigma":0}`, `{"dim_ring":5,"rewards":{"fail":-3}}`,
		`{"abort":true,"rewards":{"abort":0.3}}`,
		`{"DT":50,"dt":1,"dt":2}`, `{"timing":{"stimulus":{"uniform":[80,1500]}}}`,
		`{"form":"random","size":3,"vector_seed":4}`, `{"memory_length":30,"num_bits":3}`,
		`{"timing":{"delay":[0,0,0]}}`, `{"dt":0}`, `[1`, `null`, `{"dt":1e99}`,
		`{"timing":{"delay":{"truncated_exponential":[0.001,1e5,1.00001e5]}}}`, `{"vpairs":[[18,10]]}`,
		`{"gain":1e308,"prod_margin":-1}`,
	} {
		f.Add(uint8(i), options, uint64(i), []byte{0, 1, 2, 0, 0, 200}, uint16(37*i))
	}
	names := Names()
	f.Fuzz(func(t *testing.T, task uint8, options string, seed uint64, actions []byte, limit uint16) {
		boundstest.Within(t, optionsMemory, func() {
			env, err := New(names[int(task)%len(names)], json.RawMessage(options))
			if err == nil {
				act(t, env, seed, actions[:min(len(actions), 64)])
				promises(t, options, env)
				actLimited(t, env, seed, actions[:min(len(actions), 64)], 1+int(limit)%600)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %v", err)
			}
		})
	})
}

// actLimited checks what an environment promises under a time limit: an episode has at most so many steps, of a trial
// that the limit cuts there is no result, and a measurement ends, by an error where no trial is sure to fit.
func actLimited(t *testing.T, env Env, seed uint64, actions []byte, limit int) {
	longest, small := env.Spec().MaxTrialSteps, len(env.Spec().Observations)*limit < 5_000
	env, err := Wrap(env, Wrappers{TimeLimit: limit})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.Reset(seed); err != nil {
		t.Fatal(err)
	}
	for i, a := range actions {
		step, err := env.Step(int(a) % len(env.Spec().Actions))
		if err != nil {
			t.Fatal(err)
		}
		if over := step.Terminated || step.Truncated; i+1 >= limit && !over {
			t.Fatalf("step %d of at most %d does not end the episode", i+1, limit)
		} else if over {
			break
		}
	}
	if !small {
		return
	}
	switch r, err := MeasureReference(env, 2, seed); {
	case (err != nil) != (limit < longest):
		t.Errorf("a limit of %d steps, and trials of at most %d: %v", limit, longest, err)
	case err == nil && math.IsNaN(r.TrialCeiling):
		t.Errorf("a limit of %d steps: %+v", limit, r)
	}
}

// act checks what an environment promises at each step.
func act(t *testing.T, env Env, seed uint64, actions []byte) {
	spec := env.Spec()
	observation, err := env.Reset(seed)
	if err != nil {
		t.Fatal(err)
	}
	task, trial := env.(Inspector).Task()
	if c := task.Ceiling(); math.IsNaN(c) || math.IsInf(c, 0) {
		t.Errorf("the ceiling is %v", c)
	}
	for _, a := range actions {
		if steps := trial.Steps(); steps < 1 || steps > spec.MaxTrialSteps {
			t.Fatalf("a trial of %d steps, of at most %d", steps, spec.MaxTrialSteps)
		}
		if len(observation) != len(spec.Observations) {
			t.Fatalf("%d numbers observed, want %d", len(observation), len(spec.Observations))
		}
		action := int(a) - 1 // also some that do not exist
		step, err := env.Step(action)
		if exists := action >= 0 && action < len(spec.Actions); exists != (err == nil) {
			t.Fatalf("action %d of %d: error %v", action, len(spec.Actions), err)
		}
		if err == nil {
			observation = step.Observation
			if g := step.Info.GroundTruth; g < 0 || g >= len(spec.Actions) {
				t.Fatalf("ground truth %d of %d actions", g, len(spec.Actions))
			}
		}
	}
}
