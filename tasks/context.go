package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// ContextDecisionMaking is NeuroGym's ContextDecisionMaking-v0: two noisy modalities; the context says which one
// counts. Which one is fixed (implicit context), or shown throughout each trial (explicit context).
type ContextDecisionMaking struct {
	Choice
	Explicit bool      `json:"use_expl_context" help:"each trial shows which modality counts"`
	Modality int       `json:"impl_context_modality" range:"0 or 1" help:"the modality that counts, without explicit context"`
	Sigma    float64   `json:"sigma" unit:"per square root of a ms" range:"0 or more" help:"sensory noise"`
	Ring     int       `json:"dim_ring" range:"2 to 1000" help:"directions"`
	Cohs     []float64 `json:"cohs" unit:"percent" range:"0 to 100" help:"coherences, each as likely; fixed in NeuroGym"`

	trial struct {
		Answer    int     `json:"ground_truth"` // 1 to Ring
		Other     int     `json:"other_choice"` // of the modality that does not count
		Context   int     `json:"context"`      // 0 or 1: the modality that counts
		Coh1      float64 `json:"coh_1"`
		Coh2      float64 `json:"coh_2"`
		Durations []int   `json:"durations"`
	}
}

// NewContextDecisionMaking returns the task with NeuroGym's defaults, which are those of implicit context.
func NewContextDecisionMaking() *ContextDecisionMaking {
	return &ContextDecisionMaking{
		Choice: Choice{NewBase(100, Fixed("fixation", 300), Fixed("stimulus", 750),
			TimedPeriod{"delay", TruncatedExponential(600, 300, 3000)}, Fixed("decision", 100))},
		Sigma: 1, Ring: 2, Cohs: []float64{5, 15, 50},
	}
}

// Spec implements Task.
func (t *ContextDecisionMaking) Spec() Spec {
	names := ringNames("fixation", "mod1_", t.Ring)
	names = append(names, ringNames("fixation", "mod2_", t.Ring)[1:]...)
	if t.Explicit {
		names = append(names, "context1", "context2")
	}
	return Spec{Name: "ContextDecisionMaking", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		CeilingBound: t.observer().bound(),
		Observations: names, Actions: ringNames("fixate", "choice", t.Ring)}
}

// Check implements Task.
func (t *ContextDecisionMaking) Check() error {
	if t.Modality != 0 && t.Modality != 1 {
		return fmt.Errorf("invalid impl_context_modality %d: use 0 or 1", t.Modality)
	}
	if err := t.observer().check(); err != nil {
		return err
	}
	return checkShown(&t.Choice, "stimulus")
}

// observer returns the ideal one, which looks at the modality that counts.
func (t *ContextDecisionMaking) observer() coherent {
	return coherent{&t.Choice, t.Cohs, t.Sigma, t.Ring}
}

// Params implements Task.
func (t *ContextDecisionMaking) Params() any { return &t.trial }

// Draw implements Task.
func (t *ContextDecisionMaking) Draw(rng *rand.Rand) {
	t.trial.Answer = 1 + rng.IntN(t.Ring)
	t.trial.Other = 1 + rng.IntN(t.Ring)
	t.trial.Context = t.Modality
	if t.Explicit {
		t.trial.Context = rng.IntN(2)
	}
	t.trial.Coh1 = t.Cohs[rng.IntN(len(t.Cohs))]
	t.trial.Coh2 = t.Cohs[rng.IntN(len(t.Cohs))]
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task.
func (t *ContextDecisionMaking) Build(trial *Trial, noise Noise) {
	t.Lay(trial, t.trial.Durations)
	stimulus, decision := trial.Period("stimulus"), trial.Period("decision")
	choice1, choice2 := t.trial.Answer, t.trial.Other
	if t.trial.Context == 1 {
		choice1, choice2 = choice2, choice1
	}
	trial.Set(trial.Period("fixation"), 0, 1)
	for k := range t.Ring {
		mod1, mod2 := 1+k, 1+t.Ring+k
		trial.Set(stimulus, mod1, math.Cos(angle(k, t.Ring)-angle(choice1-1, t.Ring))*(t.trial.Coh1/200)+0.5)
		trial.Set(stimulus, mod2, math.Cos(angle(k, t.Ring)-angle(choice2-1, t.Ring))*(t.trial.Coh2/200)+0.5)
		trial.AddNoise(stimulus, mod1, mod1, t.perStep(t.Sigma), noise)
		trial.AddNoise(stimulus, mod2, mod2, t.perStep(t.Sigma), noise)
	}
	trial.Clear(decision)
	if t.Explicit {
		trial.Set(trial.All(), 1+2*t.Ring+t.trial.Context, 1)
	}
	trial.Answer(decision, t.trial.Answer)
}

// Ceiling implements Task: the ideal observer of PerceptualDecisionMaking on the modality that counts.
func (t *ContextDecisionMaking) Ceiling() float64 { return remembered(t, t.observer().ceiling) }
