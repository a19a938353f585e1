package tasks

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// TemporalOrder shows S1 and S2 at two distinct random steps, then a blank step, then a cue at which the
// agent says which came first. Each trial is an episode of its own. The random form shows fixed random
// binary vectors, half their bits on, so that the cue overlaps the stimuli (as in eLife 83035, Fig. 2b).
type TemporalOrder struct {
	Steps      int     `json:"n_steps" unit:"steps" range:"2 to 10000" help:"in which the stimuli fall"`
	Form       string  `json:"form" range:"\"one_hot\" or \"random\"" help:"what the stimuli are"`
	Size       int     `json:"size" unit:"bits" range:"2 to 1000" help:"of a random vector"`
	VectorSeed uint64  `json:"vector_seed" help:"of the random vectors"`
	Correct    float64 `json:"correct" range:"wrong or more" help:"reward of a right answer"`
	Wrong      float64 `json:"wrong" range:"up to correct" help:"reward of a wrong answer"`

	vectors [3][]float64 // of S1, S2 and the cue
	trial   struct {
		First  int `json:"ground_truth"` // 0: S1 came first, 1: S2 did
		Early  int `json:"early"`        // step of the first stimulus
		Second int `json:"late"`         // step of the second
	}
}

// NewTemporalOrder returns the one-hot form with 5 steps.
func NewTemporalOrder() *TemporalOrder {
	return &TemporalOrder{Steps: 5, Form: "one_hot", Size: 16, Correct: 1, Wrong: -1}
}

// Spec implements Task.
func (t *TemporalOrder) Spec() Spec {
	names := []string{"s1", "s2", "cue"}
	if t.Form == "random" {
		names = ringNames("bit0", "bit", t.Size-1)
	}
	return Spec{Name: "TemporalOrder", StepMillis: 100, MaxTrialSteps: t.Steps + 2,
		Observations: names, Actions: []string{"s1 first", "s2 first"}}
}

// Check implements Task, and draws the vectors.
func (t *TemporalOrder) Check() error {
	switch {
	case t.Steps < 2 || t.Steps > 10000:
		return fmt.Errorf("invalid n_steps %d: use 2 to 10000", t.Steps)
	case t.Size < 2 || t.Size > maxRing:
		return fmt.Errorf("invalid size %d: use 2 to %d", t.Size, maxRing)
	case t.Form != "one_hot" && t.Form != "random":
		return fmt.Errorf("form %q is unknown: use one_hot or random", t.Form)
	}
	for _, r := range []float64{t.Correct, t.Wrong} {
		if !numbers.Finite(r) {
			return fmt.Errorf("correct and wrong: %v is not a number", r)
		}
	}
	if err := checkRewards("correct", t.Correct, "wrong", t.Wrong); err != nil {
		return err
	}
	t.drawVectors()
	if slices.Equal(t.vectors[0], t.vectors[1]) {
		return fmt.Errorf("vector_seed %d with size %d draws one vector for both S1 and S2, which cannot be told "+
			"apart: "+
			"choose another vector_seed, or a larger size", t.VectorSeed, t.Size)
	}
	return nil
}

func (t *TemporalOrder) drawVectors() {
	rng := rand.New(rand.NewPCG(t.VectorSeed, 0))
	for k := range t.vectors {
		if t.Form == "one_hot" {
			t.vectors[k] = make([]float64, 3)
			t.vectors[k][k] = 1
			continue
		}
		t.vectors[k] = make([]float64, t.Size)
		for _, bit := range rng.Perm(t.Size)[:t.Size/2] {
			t.vectors[k][bit] = 1
		}
	}
}

// Params implements Task.
func (t *TemporalOrder) Params() any { return &t.trial }

// Draw implements Task.
func (t *TemporalOrder) Draw(rng *rand.Rand) {
	t.trial.First = rng.IntN(2)
	a, b := rng.IntN(t.Steps), rng.IntN(t.Steps-1)
	if b >= a {
		b++
	}
	t.trial.Early, t.trial.Second = min(a, b), max(a, b)
}

// Build implements Task.
func (t *TemporalOrder) Build(trial *Trial, _ Noise) {
	trial.AddPeriod("stimuli", 0, t.Steps)
	trial.AddPeriod("blank", t.Steps, 1)
	trial.AddPeriod("cue", t.Steps+1, 1)
	t.show(trial, t.trial.Early, t.trial.First)
	t.show(trial, t.trial.Second, 1-t.trial.First)
	t.show(trial, t.Steps+1, 2)
	trial.GroundTruth[t.Steps+1] = t.trial.First
}

func (t *TemporalOrder) show(trial *Trial, step, vector int) {
	for c, v := range t.vectors[vector] {
		trial.Set(Period{Start: step, End: step + 1}, c, v)
	}
}

// Judge implements Task: the action at the cue is the answer; it ends the episode.
func (t *TemporalOrder) Judge(trial *Trial, action int) Verdict {
	switch {
	case !trial.In("cue"):
		return Verdict{}
	case action == t.trial.First:
		return Verdict{Reward: t.Correct, End: true, Correct: true, Terminated: true}
	}
	return Verdict{Reward: t.Wrong, End: true, Terminated: true}
}

// Timeout implements Task; the cue ends each trial, so it is not reached.
func (t *TemporalOrder) Timeout() Verdict { return Verdict{Terminated: true} }

// Optimal implements Task.
func (t *TemporalOrder) Optimal(trial *Trial) int { return trial.GroundTruth[trial.Step] }

// Cue implements Task: it always answers that S1 came first.
func (t *TemporalOrder) Cue(*Trial) int { return 0 }

// Ceiling implements Task: the stimuli differ, and are seen without noise.
func (t *TemporalOrder) Ceiling() float64 { return t.Correct }
