package tasks

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// memoryRecordings are what testdata/record_memory.py recorded of bsuite.
type memoryRecordings struct {
	Versions map[string]string `json:"versions"`
	Lengths  []int             `json:"memory_lengths"` // of the experiment memory_len
	Cases    []struct {
		Options  json.RawMessage `json:"options"`
		Episodes []memoryEpisode `json:"episodes"`
		Perfect  int             `json:"total_perfect"` // answered correctly, by bsuite's count
		Draws    map[string]int  `json:"draws"`         // of context and query: value -> count
	} `json:"cases"`
}

type memoryEpisode struct {
	Policy string          `json:"policy"`
	Params json.RawMessage `json:"params"`
	Steps  []struct {
		Observation []float32 `json:"observation"` // that the action answered
		Action      int       `json:"action"`
		Reward      float32   `json:"reward"`
	} `json:"steps"`
	Final []float32 `json:"final"` // observation after the last action
}

func readMemoryRecordings(t *testing.T) memoryRecordings {
	t.Helper()
	var r memoryRecordings
	readPacked(t, "testdata/memory.json.gz", &r)
	if r.Versions["bsuite"] != "0.3.6" {
		t.Fatalf("recorded from bsuite %q, want 0.3.6", r.Versions["bsuite"])
	}
	return r
}

// TestParityWithBSuite gives the engine each recorded episode's bits and query, takes the recorded actions, and
// wants every observation, reward and end exactly.
func TestParityWithBSuite(t *testing.T) {
	r := readMemoryRecordings(t)
	if !slices.Equal(MemoryLengths, r.Lengths) {
		t.Errorf("MemoryLengths are %v, bsuite's %v", MemoryLengths, r.Lengths)
	}
	episodes := map[int]int{} // with one bit, by length
	for _, c := range r.Cases {
		t.Run(string(c.Options), func(t *testing.T) {
			task, err := NewTask("MemoryLength", c.Options)
			if err != nil {
				t.Fatal(err)
			}
			env, perfect := NewEnv(task).(*trialEnv), 0
			for i, e := range c.Episodes {
				correct, err := env.replayMemory(e)
				if err != nil {
					t.Fatalf("episode %d (%s): %v", i, e.Policy, err)
				}
				if correct {
					perfect++
				}
				if m := task.(*MemoryLength); m.Bits == 1 {
					episodes[m.Length]++
				}
			}
			if perfect != c.Perfect {
				t.Errorf("%d episodes correct, bsuite counts %d", perfect, c.Perfect)
			}
		})
	}
	for _, length := range []int{1, 2, 5, 10, 30, 100} {
		if episodes[length] < 50 {
			t.Errorf("length %d: %d episodes compared, want 50", length, episodes[length])
		}
	}
}

// replayMemory runs a recorded episode; it returns whether it was answered correctly, and the first difference.
func (e *trialEnv) replayMemory(want memoryEpisode) (correct bool, err error) {
	if err := json.Unmarshal(want.Params, e.task.Params()); err != nil {
		return false, err
	}
	e.trial.begin(len(e.spec.Observations))
	e.task.Build(&e.trial, nil)
	answer := e.task.(*MemoryLength).trial.Answer
	if len(want.Steps) != e.spec.MaxTrialSteps || e.trial.Steps() != e.spec.MaxTrialSteps {
		return false, fmt.Errorf("%d steps, of at most %d, want %d", e.trial.Steps(), e.spec.MaxTrialSteps,
			len(want.Steps))
	}
	for i, w := range want.Steps {
		last := i == len(want.Steps)-1
		if got := e.trial.Current(); !slices.Equal(got, w.Observation) {
			return false, fmt.Errorf("step %d: observation %v, want %v", i, got, w.Observation)
		}
		got, err := e.Step(w.Action)
		if err != nil {
			return false, err
		}
		if got.Reward != w.Reward || got.Terminated != last || got.Truncated || got.Info.TrialEnd != last {
			return false, fmt.Errorf("step %d, action %d: %+v, want reward %v, end %v", i, w.Action, got, w.Reward,
				last)
		}
		if last && got.Info.GroundTruth != answer {
			return false, fmt.Errorf("ground truth %d, want %d", got.Info.GroundTruth, answer)
		}
		correct = got.Info.Correct
	}
	// The departure that the package documents: bsuite's observation after the end, which no action answers.
	if !slices.Equal(want.Final, make([]float32, len(e.spec.Observations))) {
		return false, fmt.Errorf("bsuite's final observation %v is not of zeros", want.Final)
	}
	return correct, nil
}

// TestMemoryDrawsAreBSuites compares how often each context with each query was drawn with a chi-squared test of two
// samples. The seeds are fixed, so the outcome is; over the 9 comparisons the smallest p would lie below 1e-4 by
// chance once in 1000 choices of seed.
func TestMemoryDrawsAreBSuites(t *testing.T) {
	for _, c := range readMemoryRecordings(t).Cases {
		task, err := NewTask("MemoryLength", c.Options)
		if err != nil {
			t.Fatal(err)
		}
		rng, drawn := rand.New(rand.NewPCG(7, 0)), map[string]int{}
		for range 8000 {
			task.Draw(rng)
			encoded, err := json.Marshal(task.Params())
			if err != nil {
				t.Fatal(err)
			}
			drawn[string(encoded)]++
		}
		drawn = normalized(t, drawn) // by name, as bsuite's were recorded
		p, freedom := twoSamples(drawn, normalized(t, c.Draws))
		if m := task.(*MemoryLength); p < 1e-4 || freedom != m.Bits<<m.Bits-1 {
			t.Errorf("%s: p = %.2g over %d degrees of freedom\n ours     %v\n bsuite's %v", c.Options, p, freedom,
				drawn, c.Draws)
		}
	}
}

// TestMemoryCeiling answers from observations alone: it remembers the bits of the first one and says the one that the
// query asks for when the time left is 1/L. That earns the ceiling at every length of bsuite's.
func TestMemoryCeiling(t *testing.T) {
	for _, length := range MemoryLengths {
		for _, bits := range []int{1, 3} {
			env, err := New("MemoryLength", fmt.Appendf(nil, `{"memory_length":%d,"num_bits":%d}`, length, bits))
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(20) {
				if earned, steps := remember(t, env, seed, bits); earned != 1 || steps != length+1 {
					t.Fatalf("length %d, %d bits, seed %d: %v earned in %d steps, want 1 in %d", length, bits, seed,
						earned, steps, length+1)
				}
			}
		}
	}
}

// remember returns the reward and the length of an episode.
func remember(t *testing.T, env Env, seed uint64, bits int) (reward float32, steps int) {
	t.Helper()
	ob, err := env.Reset(seed)
	if err != nil {
		t.Fatal(err)
	}
	context := slices.Clone(ob[2:])
	if len(context) != bits {
		t.Fatalf("%d bits shown, want %d", len(context), bits)
	}
	for {
		action := 0
		if context[int(ob[1])] > 0 {
			action = 1
		}
		step, err := env.Step(action)
		if err != nil {
			t.Fatal(err)
		}
		ob, reward, steps = step.Observation, reward+step.Reward, steps+1
		if step.Terminated {
			return reward, steps
		}
	}
}

// TestMemoryPeriods wants periods end to end: the steps that show bits, those that show none, and the answer.
func TestMemoryPeriods(t *testing.T) {
	for length, want := range map[int][]Period{
		1:  {{"context", 0, 1}, {"delay", 1, 1}, {"answer", 1, 2}},
		2:  {{"context", 0, 2}, {"delay", 2, 2}, {"answer", 2, 3}},
		3:  {{"context", 0, 2}, {"delay", 2, 3}, {"answer", 3, 4}},
		30: {{"context", 0, 2}, {"delay", 2, 30}, {"answer", 30, 31}},
	} {
		env, err := New("MemoryLength", fmt.Appendf(nil, `{"memory_length":%d}`, length))
		if err != nil {
			t.Fatal(err)
		}
		trial, _, err := OracleTrial(env, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(trial.Periods, want) {
			t.Errorf("length %d: periods %v, want %v", length, trial.Periods, want)
		}
	}
}
