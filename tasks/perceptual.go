package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// PerceptualDecisionMaking is NeuroGym's PerceptualDecisionMaking-v0: say which of noisy channels was
// stronger on average.
type PerceptualDecisionMaking struct {
	Choice
	Coherences []float64 `json:"cohs"`     // percent
	Sigma      float64   `json:"sigma"`    // sensory noise, per square root of a millisecond
	Ring       int       `json:"dim_ring"` // directions

	trial struct {
		Direction int     `json:"ground_truth"` // 0 to Ring-1
		Coherence float64 `json:"coh"`
		Durations []int   `json:"durations"`
	}
}

// NewPerceptualDecisionMaking returns the task with NeuroGym's defaults.
func NewPerceptualDecisionMaking() *PerceptualDecisionMaking {
	return &PerceptualDecisionMaking{
		Choice: Choice{NewBase(100,
			Fixed("fixation", 100), Fixed("stimulus", 2000), Fixed("delay", 0), Fixed("decision", 100))},
		Coherences: []float64{0, 6.4, 12.8, 25.6, 51.2}, Sigma: 1, Ring: 2,
	}
}

// Spec implements Task.
func (t *PerceptualDecisionMaking) Spec() Spec {
	return Spec{Name: "PerceptualDecisionMaking", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		Observations: ringNames("fixation", "stimulus", t.Ring), Actions: ringNames("fixate", "choice", t.Ring)}
}

// Check implements Task.
func (t *PerceptualDecisionMaking) Check() error {
	if len(t.Coherences) == 0 {
		return fmt.Errorf("cohs: the list is empty")
	}
	return checkRing(&t.Base, t.Ring, t.Sigma)
}

// Params implements Task.
func (t *PerceptualDecisionMaking) Params() any { return &t.trial }

// Draw implements Task.
func (t *PerceptualDecisionMaking) Draw(rng *rand.Rand) {
	t.trial.Direction = rng.IntN(t.Ring)
	t.trial.Coherence = t.Coherences[rng.IntN(len(t.Coherences))]
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task.
func (t *PerceptualDecisionMaking) Build(trial *Trial, noise Noise) {
	t.Lay(trial, t.trial.Durations)
	stimulus := trial.Period("stimulus")
	trial.Set(trial.Period("fixation"), 0, 1)
	for k := range t.Ring {
		trial.Set(stimulus, 1+k, math.Cos(angle(k, t.Ring)-angle(t.trial.Direction, t.Ring))*(t.trial.Coherence/200)+0.5)
	}
	trial.AddNoise(stimulus, 1, t.Ring, t.perStep(t.Sigma), noise)
	trial.Answer(trial.Period("decision"), 1+t.trial.Direction)
}

// Ceiling implements Task: an ideal observer that sums independent Gaussian evidence over the stimulus. It is
// exact for two directions, and their bound for more.
func (t *PerceptualDecisionMaking) Ceiling() float64 {
	return t.Expected(coherenceAccuracy(&t.Base, t.Coherences, t.Sigma))
}

// coherenceAccuracy is the ideal observer's accuracy over coherences: Phi(coh/100 sqrt(N) / (sqrt(2) sigma)),
// for N steps of the difference of two channels, each with noise sigma a step.
func coherenceAccuracy(b *Base, coherences []float64, sigma float64) float64 {
	steps := float64(b.Timing["stimulus"].maxSteps(b.DT))
	sum := 0.0
	for _, coherence := range coherences {
		sum += normalCDF(coherence / 100 * math.Sqrt(steps) / (math.Sqrt2 * b.perStep(sigma)))
	}
	return sum / float64(len(coherences))
}

// angle is direction k of n on a ring, in radians.
func angle(k, n int) float64 { return 2 * math.Pi / float64(n) * float64(k) }

// ringNames is first followed by n numbered names.
func ringNames(first, name string, n int) []string {
	names := []string{first}
	for k := range n {
		names = append(names, fmt.Sprintf("%s%d", name, k+1))
	}
	return names
}

// maxRing bounds the sizes of observations and actions.
const maxRing = 1000

func checkRing(b *Base, ring int, sigma float64) error {
	if ring < 2 || ring > maxRing {
		return fmt.Errorf("dim_ring %d is impossible: choose 2 to %d", ring, maxRing)
	}
	if !(sigma >= 0) || math.IsInf(sigma, 0) {
		return fmt.Errorf("sigma %v is impossible: choose 0 or more", sigma)
	}
	return b.Check()
}
