package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// DelayComparison is NeuroGym's DelayComparison-v0: say which of two stimuli, a delay apart, was stronger.
type DelayComparison struct {
	Choice
	Pairs [][2]float64 `json:"vpairs"` // the stronger strength first
	Sigma float64      `json:"sigma"`  // sensory noise, per square root of a millisecond

	trial struct {
		Answer    int        `json:"ground_truth"` // 1 the first was stronger, 2 the second
		Pair      [2]float64 `json:"vpair"`
		Durations []int      `json:"durations"`
	}
}

// NewDelayComparison returns the task with NeuroGym's defaults.
func NewDelayComparison() *DelayComparison {
	return &DelayComparison{
		Choice: Choice{NewBase(100, Fixed("fixation", 500), Fixed("stimulus1", 500), Fixed("delay", 1000),
			Fixed("stimulus2", 500), Fixed("decision", 100))},
		Pairs: [][2]float64{{18, 10}, {22, 14}, {26, 18}, {30, 22}, {34, 26}}, Sigma: 1,
	}
}

// Spec implements Task.
func (t *DelayComparison) Spec() Spec {
	return Spec{Name: "DelayComparison", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		Observations: []string{"fixation", "stimulus"}, Actions: []string{"fixate", "first", "second"}}
}

// Check implements Task.
func (t *DelayComparison) Check() error {
	for _, pair := range t.Pairs {
		if !(pair[0] > pair[1]) {
			return fmt.Errorf("vpairs: the first of %v must be the stronger", pair)
		}
	}
	if len(t.Pairs) == 0 {
		return fmt.Errorf("vpairs: the list is empty")
	}
	return checkRing(&t.Base, 2, t.Sigma)
}

// Params implements Task.
func (t *DelayComparison) Params() any { return &t.trial }

// Draw implements Task.
func (t *DelayComparison) Draw(rng *rand.Rand) {
	t.trial.Answer = 1 + rng.IntN(2)
	t.trial.Pair = t.Pairs[rng.IntN(len(t.Pairs))]
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task.
func (t *DelayComparison) Build(trial *Trial, noise Noise) {
	t.Lay(trial, t.trial.Durations)
	first, second, decision := trial.Period("stimulus1"), trial.Period("stimulus2"), trial.Period("decision")
	v1, v2 := t.trial.Pair[0], t.trial.Pair[1]
	if t.trial.Answer == 2 {
		v1, v2 = v2, v1
	}
	trial.Set(trial.All(), 0, 1)
	trial.Set(first, 1, t.represent(v1))
	trial.Set(second, 1, t.represent(v2))
	trial.Clear(decision)
	trial.AddNoise(first, 0, 1, t.perStep(t.Sigma), noise)
	trial.AddNoise(second, 0, 1, t.perStep(t.Sigma), noise)
	trial.Answer(decision, t.trial.Answer)
}

// represent scales a strength to 0.5 (the weakest) to 1 (the strongest).
func (t *DelayComparison) represent(v float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, pair := range t.Pairs {
		low, high = min(low, pair[1]), max(high, pair[0])
	}
	return (1 + (v-low)/(high-low)) / 2
}

// Ceiling implements Task: the ideal observer compares the means of the two stimuli.
func (t *DelayComparison) Ceiling() float64 {
	n1, n2 := t.Timing["stimulus1"].maxSteps(t.DT), t.Timing["stimulus2"].maxSteps(t.DT)
	deviation := t.perStep(t.Sigma) * math.Sqrt(1/float64(n1)+1/float64(n2))
	sum := 0.0
	for _, pair := range t.Pairs {
		sum += normalCDF((t.represent(pair[0]) - t.represent(pair[1])) / deviation)
	}
	return t.Expected(sum / float64(len(t.Pairs)))
}
