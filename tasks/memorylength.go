package tasks

import (
	"fmt"
	"math/rand/v2"
)

// MemoryLengths are the settings of bsuite's experiment memory_len: a setting trains 10,000 episodes, and
// analysis.MemoryScore makes the experiment's score of them.
var MemoryLengths = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100}

// MemoryLength is bsuite's memory chain, the environment of its experiments memory_len (one bit, the lengths of
// MemoryLengths) and memory_size (length 2, more bits): bits are shown, a delay passes, and the agent says the bit
// that is asked for, for a reward of 1 or -1. Each trial is an episode of its own. With memory length L its L+1
// steps are, t being bsuite's own time,
//
//	step            0       1       2 ... L-1      L
//	t               0       0       1 ... L-2     L-1
//	time left     1-0/L   1-0/L      1-t/L        1/L
//	query           0       0          0       number of the bit
//	bits           -1/+1   -1/+1       0           0
//	reward          0       0          0         1 or -1
//
// because bsuite answers the first action with the first observation again. So the bits are seen twice, and with
// L = 1, where step 1 is the last and shows bits and query, nothing has to be remembered. The query counts from 0:
// with one bit it never differs from 0.
//
// Source: I. Osband et al., "Behaviour suite for reinforcement learning", ICLR 2020; bsuite 0.3.6,
// bsuite/environments/memory_chain.py and bsuite/experiments/memory_len/sweep.py.
type MemoryLength struct {
	Length int `json:"memory_length" unit:"steps" range:"1 to 10000" help:"steps from the bits to the answer"`
	Bits   int `json:"num_bits" range:"1 to 100" help:"bits to remember; one of them is asked for"`

	trial struct {
		Context []int `json:"context"`      // the bits, 0 (shown as -1) or 1
		Query   int   `json:"query"`        // which of them is asked for
		Answer  int   `json:"ground_truth"` // that bit
	}
}

// NewMemoryLength returns a length of 10 (bsuite has no default) and one bit.
func NewMemoryLength() *MemoryLength { return &MemoryLength{Length: 10, Bits: 1} }

// Spec implements Task. bsuite's steps have no duration; 100 ms is nominal.
func (t *MemoryLength) Spec() Spec {
	names := append([]string{"time_left", "query"}, ringNames("bit0", "bit", t.Bits-1)...)
	return Spec{Name: "MemoryLength", StepMillis: 100, MaxTrialSteps: t.Length + 1,
		Observations: names, Actions: []string{"-1", "+1"}}
}

// Check implements Task.
func (t *MemoryLength) Check() error {
	switch {
	case t.Length < 1 || t.Length > 10_000:
		return fmt.Errorf("invalid memory_length %d: use 1 to 10000", t.Length)
	case t.Bits < 1 || t.Bits > 100:
		return fmt.Errorf("invalid num_bits %d: use 1 to 100", t.Bits)
	}
	return nil
}

// Params implements Task.
func (t *MemoryLength) Params() any { return &t.trial }

// Draw implements Task.
func (t *MemoryLength) Draw(rng *rand.Rand) {
	t.trial.Context = t.trial.Context[:0]
	for range t.Bits {
		t.trial.Context = append(t.trial.Context, rng.IntN(2))
	}
	t.trial.Query = rng.IntN(t.Bits)
	t.trial.Answer = t.trial.Context[t.trial.Query]
}

// Build implements Task.
func (t *MemoryLength) Build(trial *Trial, _ Noise) {
	shown := min(2, t.Length)
	trial.AddPeriod("context", 0, shown)
	trial.AddPeriod("delay", shown, t.Length-shown)
	trial.AddPeriod("answer", t.Length, 1)
	for step := range t.Length + 1 {
		t.observe(trial.Observation(step), max(0, step-1))
	}
	trial.Answer(trial.Period("answer"), t.trial.Answer)
}

// observe writes what bsuite shows at its time, 0 to L-1, into an observation of zeros.
func (t *MemoryLength) observe(ob []float32, time int) {
	ob[0] = float32(1 - float64(time)/float64(t.Length))
	if time == t.Length-1 {
		ob[1] = float32(t.trial.Query)
	}
	if time == 0 {
		for k, bit := range t.trial.Context {
			ob[2+k] = float32(2*bit - 1)
		}
	}
}

// Judge implements Task: the action at the last step is the answer; it ends the episode.
func (t *MemoryLength) Judge(trial *Trial, action int) Verdict {
	switch {
	case !trial.In("answer"):
		return Verdict{}
	case action == t.trial.Answer:
		return Verdict{Reward: 1, End: true, Correct: true, Terminated: true}
	}
	return Verdict{Reward: -1, End: true, Terminated: true}
}

// Timeout implements Task; the answer ends each trial, so it is not reached.
func (t *MemoryLength) Timeout() Verdict { return Verdict{Terminated: true} }

// Optimal implements Task.
func (t *MemoryLength) Optimal(trial *Trial) int { return trial.GroundTruth[trial.Step] }

// Cue implements Task: it always says -1.
func (t *MemoryLength) Cue(*Trial) int { return 0 }

// Ceiling implements Task.
func (t *MemoryLength) Ceiling() float64 { return 1 }
