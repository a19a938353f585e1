package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// DelayComparison is NeuroGym's DelayComparison-v0: say which of two stimuli, a delay apart, was stronger.
type DelayComparison struct {
	Choice
	Pairs [][2]float64 `json:"vpairs" range:"-1e9 to 1e9" help:"strengths of the two stimuli, the stronger first"`
	Sigma float64      `json:"sigma" unit:"per square root of a ms" range:"0 or more" help:"sensory noise"`

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
		if math.Abs(pair[0]) > maxStrength || math.Abs(pair[1]) > maxStrength {
			return fmt.Errorf("invalid %v in vpairs: use -%.0f to %.0f", pair, maxStrength, maxStrength)
		}
	}
	if len(t.Pairs) == 0 || len(t.Pairs) > maxRing {
		return fmt.Errorf("invalid vpairs of %d values: give 1 to %d pairs", len(t.Pairs), maxRing)
	}
	if err := checkRing(2, t.Sigma); err != nil {
		return err
	}
	return checkShown(&t.Choice, "stimulus1", "stimulus2")
}

// maxStrength bounds strengths, so that differences are numbers.
const maxStrength = 1e9

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

// Ceiling implements Task: where both stimuli last equally long the ideal observer compares their means.
func (t *DelayComparison) Ceiling() float64 {
	return remembered(t, func() float64 {
		first, second := t.steps("stimulus1"), t.steps("stimulus2")
		if len(first) > 1 || len(second) > 1 || first[0] != second[0] || !t.guesses(2) {
			return t.worth(t.weighed())
		}
		deviation := t.perStep(t.Sigma) * math.Sqrt(2/float64(first[0].steps))
		sum := 0.0
		for _, pair := range t.shown() {
			sum += normalCDF(separation(pair[0]-pair[1], deviation))
		}
		return t.Expected(sum / float64(len(t.Pairs)))
	})
}

// shown returns the strengths as they are observed, with the 24 bits of an observation.
func (t *DelayComparison) shown() [][2]float64 {
	shown := make([][2]float64, len(t.Pairs))
	for i, pair := range t.Pairs {
		shown[i] = [2]float64{float64(float32(t.represent(pair[0]))), float64(float32(t.represent(pair[1])))}
	}
	return shown
}

// weighed returns the reward of an observer that weighs, over all pairs, how well each order explains the means of both
// stimuli. By symmetry the first is the stronger.
func (t *DelayComparison) weighed() float64 {
	pairs := t.shown()
	right, wrong := make([]float64, len(pairs)), make([]float64, len(pairs))
	return integrate(5, points(2*len(pairs)), func(u []float64) float64 {
		d1 := t.perStep(t.Sigma) / math.Sqrt(t.stepsAt("stimulus1", u[0]))
		d2 := t.perStep(t.Sigma) / math.Sqrt(t.stepsAt("stimulus2", u[1]))
		at := pairs[int(u[2]*float64(len(pairs)))]
		z1, z2 := normal(u[3]), normal(u[4])
		fit := func(first, second float64) float64 {
			e1, e2 := z1+separation(at[0]-first, d1), z2+separation(at[1]-second, d2)
			return -(e1*e1 + e2*e2) / 2
		}
		for i, pair := range pairs {
			right[i], wrong[i] = fit(pair[0], pair[1]), fit(pair[1], pair[0])
		}
		p := 1 / (1 + math.Exp(logSum(wrong)-logSum(right)))
		return t.answer(max(p, 1-p))
	})
}
