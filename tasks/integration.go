package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// Integration is the integration task of two classes on which eLife 83035 studies the MPN (its section "Results",
// integration task; the paper trains by supervision). At each of n_steps one input is shown, drawn evenly: evidence for
// class 1, evidence for class 2, or null; then the go input, at which the agent names the class that was shown more
// often. Trials in which both were shown equally often are drawn again. Each input is a random binary vector of
// entries 0 or sqrt(2/size), the same in all trials. Each trial is an episode of its own.
//
// With novel, half of the trials show at one step a vector that is none of the others: does the memory hold an input
// for which it was never trained?
type Integration struct {
	Steps      int     `json:"n_steps" unit:"steps" range:"1 to 1000" help:"inputs before the go input"`
	Size       int     `json:"size" unit:"entries" range:"2 to 1000" help:"of an input"`
	VectorSeed uint64  `json:"vector_seed" help:"of the inputs' vectors"`
	Novel      bool    `json:"novel" help:"half of the trials show an input that no other trial shows"`
	Correct    float64 `json:"correct" range:"wrong or more" help:"reward of a right answer"`
	Wrong      float64 `json:"wrong" range:"up to correct" help:"reward of a wrong answer"`

	vectors [5][]float64 // of the inputs, by their numbers
	trial   struct {
		Class  int   `json:"ground_truth"` // 0 or 1: the class with more evidence
		Margin int   `json:"margin"`       // by how many inputs
		Novel  int   `json:"novel"`        // 1 if the novel input was shown
		Inputs []int `json:"inputs"`       // of each step: 0 and 1 evidence for the classes, 2 null, 3 novel
	}
}

// Numbers of the inputs.
const (
	inputNull = 2 + iota
	inputNovel
	inputGo
)

// NewIntegration returns the task with the paper's sizes: 20 inputs of 50 entries.
func NewIntegration() *Integration {
	return &Integration{Steps: 20, Size: 50, Correct: 1, Wrong: -1}
}

// Spec implements Task.
func (t *Integration) Spec() Spec {
	return Spec{Name: "Integration", StepMillis: 100, MaxTrialSteps: t.Steps + 1,
		Observations: ringNames("bit0", "bit", t.Size-1), Actions: []string{"class 1", "class 2"}}
}

// Check implements Task, and draws the vectors.
func (t *Integration) Check() error {
	switch {
	case t.Steps < 1 || t.Steps > 1000:
		return fmt.Errorf("invalid n_steps %d: use 1 to 1000", t.Steps)
	case t.Novel && t.Steps < 2:
		return fmt.Errorf("invalid n_steps %d with novel: use 2 or more", t.Steps)
	case t.Size < 2 || t.Size > maxRing:
		return fmt.Errorf("invalid size %d: use 2 to %d", t.Size, maxRing)
	case !numbers.Finite(t.Correct) || !numbers.Finite(t.Wrong):
		return fmt.Errorf("correct %v and wrong %v must be finite numbers", t.Correct, t.Wrong)
	}
	if err := checkRewards("correct", t.Correct, "wrong", t.Wrong); err != nil {
		return err
	}
	t.drawVectors()
	for k, vector := range t.vectors {
		if slices.ContainsFunc(t.vectors[:k], func(v []float64) bool { return slices.Equal(v, vector) }) {
			return fmt.Errorf("vector_seed %d with size %d draws one vector for two inputs, which cannot be told "+
				"apart: choose another vector_seed, or a larger size", t.VectorSeed, t.Size)
		}
	}
	return nil
}

// drawVectors draws the inputs' vectors: each entry is 0 or sqrt(2/size), as likely, so that the mean of the squared
// norms is 1.
func (t *Integration) drawVectors() {
	rng := rand.New(rand.NewPCG(t.VectorSeed, 0))
	for k := range t.vectors {
		t.vectors[k] = make([]float64, t.Size)
		for bit := range t.vectors[k] {
			t.vectors[k][bit] = float64(rng.IntN(2)) * math.Sqrt(2/float64(t.Size))
		}
	}
}

// Params implements Task.
func (t *Integration) Params() any { return &t.trial }

// Draw implements Task.
func (t *Integration) Draw(rng *rand.Rand) {
	t.trial.Novel = 0
	if t.Novel {
		t.trial.Novel = rng.IntN(2)
	}
	for t.trial.Margin = 0; t.trial.Margin == 0; {
		t.trial.Inputs = t.trial.Inputs[:0]
		for range t.Steps {
			t.trial.Inputs = append(t.trial.Inputs, rng.IntN(3))
		}
		if t.trial.Novel == 1 {
			t.trial.Inputs[rng.IntN(t.Steps)] = inputNovel
		}
		difference := 0
		for _, input := range t.trial.Inputs {
			difference += int(weights[input])
		}
		t.trial.Class, t.trial.Margin = 0, difference
		if difference < 0 {
			t.trial.Class, t.trial.Margin = 1, -difference
		}
	}
}

// weights of the inputs as evidence for class 1.
var weights = [5]float64{1, -1, 0, 0, 0}

// Build implements Task.
func (t *Integration) Build(trial *Trial, _ Noise) {
	trial.AddPeriod("evidence", 0, t.Steps)
	trial.AddPeriod("go", t.Steps, 1)
	for step, input := range t.trial.Inputs {
		t.show(trial, step, input)
	}
	t.show(trial, t.Steps, inputGo)
	trial.Answer(trial.Period("go"), t.trial.Class)
}

func (t *Integration) show(trial *Trial, step, input int) {
	for channel, v := range t.vectors[input] {
		trial.Observation(step)[channel] = float32(v)
	}
}

// Evidence implements Evident: 1 for class 1, -1 for class 2.
func (t *Integration) Evidence(trial *Trial, step int) float64 {
	if step >= len(t.trial.Inputs) {
		return 0
	}
	return weights[t.trial.Inputs[step]]
}

// Judge implements Task: the action at the go input is the answer; it ends the episode.
func (t *Integration) Judge(trial *Trial, action int) Verdict {
	switch {
	case !trial.In("go"):
		return Verdict{}
	case action == t.trial.Class:
		return Verdict{Reward: t.Correct, End: true, Correct: true, Terminated: true}
	}
	return Verdict{Reward: t.Wrong, End: true, Terminated: true}
}

// Timeout implements Task; the answer ends each trial, so it is not reached.
func (t *Integration) Timeout() Verdict { return Verdict{Terminated: true} }

// Optimal implements Task.
func (t *Integration) Optimal(trial *Trial) int { return trial.GroundTruth[trial.Step] }

// Cue implements Task: it always answers class 1.
func (t *Integration) Cue(*Trial) int { return 0 }

// Ceiling implements Task: the inputs differ, are seen without noise, and can be counted.
func (t *Integration) Ceiling() float64 { return t.Correct }
