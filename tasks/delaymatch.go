package tasks

import (
	"math"
	"math/rand/v2"
)

// DelayMatchSample is NeuroGym's DelayMatchSample-v0: after a delay, say whether the test is the sample.
type DelayMatchSample struct {
	Choice
	Sigma float64 `json:"sigma"`    // sensory noise, per square root of a millisecond
	Ring  int     `json:"dim_ring"` // directions

	trial struct {
		Answer    int     `json:"ground_truth"` // 1 match, 2 non-match
		Sample    float64 `json:"sample_theta"` // radians
		Durations []int   `json:"durations"`
	}
}

// NewDelayMatchSample returns the task with NeuroGym's defaults.
func NewDelayMatchSample() *DelayMatchSample {
	return &DelayMatchSample{
		Choice: Choice{NewBase(100, Fixed("fixation", 300), Fixed("sample", 500), Fixed("delay", 1000),
			Fixed("test", 500), Fixed("decision", 900))},
		Sigma: 1, Ring: 2,
	}
}

// Spec implements Task.
func (t *DelayMatchSample) Spec() Spec {
	return Spec{Name: "DelayMatchSample", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		Observations: ringNames("fixation", "stimulus", t.Ring), Actions: []string{"fixate", "match", "non-match"}}
}

// Check implements Task.
func (t *DelayMatchSample) Check() error { return checkRing(&t.Base, t.Ring, t.Sigma) }

// Params implements Task.
func (t *DelayMatchSample) Params() any { return &t.trial }

// Draw implements Task.
func (t *DelayMatchSample) Draw(rng *rand.Rand) {
	t.trial.Answer = 1 + rng.IntN(2)
	t.trial.Sample = angle(rng.IntN(t.Ring), t.Ring)
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task.
func (t *DelayMatchSample) Build(trial *Trial, noise Noise) {
	t.Lay(trial, t.trial.Durations)
	sample, test, decision := trial.Period("sample"), trial.Period("test"), trial.Period("decision")
	tested := t.trial.Sample
	if t.trial.Answer == 2 {
		tested = math.Mod(tested+math.Pi, 2*math.Pi)
	}
	trial.Set(trial.All(), 0, 1)
	trial.Set(decision, 0, 0)
	for k := range t.Ring {
		trial.Set(sample, 1+k, math.Cos(angle(k, t.Ring)-t.trial.Sample)*0.5+0.5)
		trial.Set(test, 1+k, math.Cos(angle(k, t.Ring)-tested)*0.5+0.5)
	}
	trial.AddNoise(sample, 1, t.Ring, t.perStep(t.Sigma), noise)
	trial.AddNoise(test, 1, t.Ring, t.perStep(t.Sigma), noise)
	trial.Answer(decision, t.trial.Answer)
}

// Ceiling implements Task: for two directions the stimuli differ by 1 in each channel, and the ideal observer
// is right unless it takes exactly one of the two for its opposite. For more directions it is a bound.
func (t *DelayMatchSample) Ceiling() float64 {
	seen := func(period string) float64 {
		steps := float64(t.Timing[period].maxSteps(t.DT))
		return normalCDF(math.Sqrt(steps) / (math.Sqrt2 * t.perStep(t.Sigma)))
	}
	sample, test := seen("sample"), seen("test")
	return t.Expected(sample*test + (1-sample)*(1-test))
}
