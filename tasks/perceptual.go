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
	Coherences []float64 `json:"cohs" unit:"percent" range:"0 to 100" help:"coherences, each as likely"`
	Sigma      float64   `json:"sigma" unit:"per square root of a ms" range:"0 or more" help:"sensory noise"`
	Ring       int       `json:"dim_ring" range:"2 to 1000" help:"directions"`

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
		CeilingBound: t.observer().bound(),
		Observations: ringNames("fixation", "stimulus", t.Ring), Actions: ringNames("fixate", "choice", t.Ring)}
}

// Check implements Task.
func (t *PerceptualDecisionMaking) Check() error {
	if err := t.observer().check(); err != nil {
		return err
	}
	return checkShown(&t.Choice, "stimulus")
}

// observer returns the ideal one.
func (t *PerceptualDecisionMaking) observer() coherent {
	return coherent{&t.Choice, t.Coherences, t.Sigma, t.Ring}
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
		trial.Set(stimulus, 1+k, math.Cos(angle(k, t.Ring)-angle(t.trial.Direction, t.Ring))*(t.trial.Coherence/200)+
			0.5)
	}
	trial.AddNoise(stimulus, 1, t.Ring, t.perStep(t.Sigma), noise)
	trial.Answer(trial.Period("decision"), 1+t.trial.Direction)
}

// Ceiling implements Task: an ideal observer that sums independent Gaussian evidence over the stimulus. For two
// directions and N steps it is right with probability Phi(coh/100 sqrt(N) / (sqrt(2) sigma)).
func (t *PerceptualDecisionMaking) Ceiling() float64 { return remembered(t, t.observer().ceiling) }

// angle returns direction k of n on a ring, in radians.
func angle(k, n int) float64 { return 2 * math.Pi / float64(n) * float64(k) }

// ringNames returns first, followed by n numbered names.
func ringNames(first, name string, n int) []string {
	names := []string{first}
	for k := range n {
		names = append(names, fmt.Sprintf("%s%d", name, k+1))
	}
	return names
}

// maxRing bounds the sizes of observations and actions.
const maxRing = 1000

func checkRing(ring int, sigma float64) error {
	if ring < 2 || ring > maxRing {
		return fmt.Errorf("invalid dim_ring %d: use 2 to %d", ring, maxRing)
	}
	if !(sigma >= 0) || math.IsInf(sigma, 0) {
		return fmt.Errorf("invalid sigma %v: use 0 or more", sigma)
	}
	return nil
}

// checkShown returns an error where the options of a choice task are invalid, or one of the periods that show what is
// asked for never has a step.
func checkShown(c *Choice, periods ...string) error {
	if err := c.Check(); err != nil {
		return err
	}
	return c.CheckShown(periods...)
}
