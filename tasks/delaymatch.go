package tasks

import (
	"math"
	"math/rand/v2"
)

// DelayMatchSample is NeuroGym's DelayMatchSample-v0: after a delay, say whether the test is the sample.
type DelayMatchSample struct {
	Choice
	Sigma float64 `json:"sigma" unit:"per square root of a ms" range:"0 or more" help:"sensory noise"`
	Ring  int     `json:"dim_ring" range:"2 to 1000" help:"directions"`

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
func (t *DelayMatchSample) Check() error {
	if err := checkRing(t.Ring, t.Sigma); err != nil {
		return err
	}
	return checkShown(&t.Choice, "sample", "test")
}

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

// Ceiling implements Task: for two directions the ideal observer is right unless it takes exactly one of the two
// stimuli for its opposite.
func (t *DelayMatchSample) Ceiling() float64 {
	return remembered(t, func() float64 {
		if t.Ring > 2 || !t.guesses(2) {
			return t.worth(t.weighed())
		}
		seen := func(period string) float64 {
			return t.steps(period).mean(func(steps int) float64 {
				return normalCDF(t.distance() * math.Sqrt(float64(steps)))
			})
		}
		sample, test := seen("sample"), seen("test")
		return t.Expected(sample*test + (1-sample)*(1-test))
	})
}

// distance returns how far a stimulus of one step lies from the middle between it and its opposite, in standard
// deviations.
func (t *DelayMatchSample) distance() float64 {
	return separation(0.5*ringGain(t.Ring), t.perStep(t.Sigma))
}

// weighed returns the reward of an observer that weighs, over the directions that the sample may have had, how well a
// match and a non-match explain the points of both stimuli. By symmetry the sample lies at angle 0, and the test
// matches.
func (t *DelayMatchSample) weighed() float64 {
	match, other := make([]float64, t.Ring), make([]float64, t.Ring)
	return integrate(6, points(2*t.Ring), func(u []float64) float64 {
		sample, test := t.distance()*math.Sqrt(t.stepsAt("sample", u[0])), t.distance()*math.Sqrt(t.stepsAt("test",
			u[1]))
		x1, y1, x2, y2 := sample+normal(u[2]), normal(u[3]), test+normal(u[4]), normal(u[5])
		if t.Ring == 2 {
			y1, y2 = 0, 0
		}
		for k := range t.Ring {
			cos, sin := math.Cos(angle(k, t.Ring)), math.Sin(angle(k, t.Ring))
			first, second := sample*(x1*cos+y1*sin), test*(x2*cos+y2*sin)
			match[k], other[k] = first+second, first-second
		}
		p := 1 / (1 + math.Exp(logSum(other)-logSum(match)))
		return t.answer(max(p, 1-p))
	})
}
