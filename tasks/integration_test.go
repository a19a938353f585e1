package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

func TestIntegration(t *testing.T) {
	t.Parallel()
	task, err := NewTask("Integration", json.RawMessage(`{"novel":true}`))
	if err != nil {
		t.Fatal(err)
	}
	g, rng, trial := task.(*Integration), rand.New(rand.NewPCG(1, 1)), Trial{}
	counts, novel, first := [4]int{}, 0, 0
	const trials = 3000
	for range trials {
		g.Draw(rng)
		trial.begin(g.Size)
		g.Build(&trial, rng)
		sum, shown := 0.0, 0
		for step, input := range g.trial.Inputs {
			counts[input]++
			sum += g.Evidence(&trial, step)
			if input == inputNovel {
				shown++
			}
			for bit, v := range g.vectors[input] {
				if trial.Observation(step)[bit] != float32(v) {
					t.Fatalf("step %d shows %v, input %d is %v", step, trial.Observation(step), input, g.vectors[input])
				}
			}
		}
		truth := trial.GroundTruth[g.Steps]
		if shown != g.trial.Novel || math.Abs(sum) != float64(g.trial.Margin) || sum == 0 || (sum < 0) != (truth == 1) {
			t.Fatalf("%+v: evidence %v, truth %d", g.trial, sum, truth)
		}
		if g.Evidence(&trial, g.Steps) != 0 || trial.Steps() != 21 {
			t.Fatalf("the go input is evidence, or the trial has %d steps", trial.Steps())
		}
		novel, first = novel+shown, first+1-truth
	}
	if math.Abs(float64(novel)/trials-0.5) > 0.03 || math.Abs(float64(first)/trials-0.5) > 0.03 {
		t.Errorf("%d novel inputs and %d trials of class 1 in %d", novel, first, trials)
	}
	// Trials with as much evidence for one as for the other are drawn again: null is a little rarer than a third.
	if share := float64(counts[inputNull]) / float64(trials*20-novel); math.Abs(share-1.0/3) > 0.02 {
		t.Errorf("inputs are drawn %v times", counts)
	}
	squares := 0.0
	for _, vector := range g.vectors {
		for _, v := range vector {
			squares += v * v / float64(len(g.vectors))
		}
	}
	if math.Abs(squares-1) > 0.3 {
		t.Errorf("the mean squared norm of the inputs is %v", squares)
	}
}

// The evidence of a PerceptualDecisionMaking trial speaks for the direction that is shown, and only while it is shown.
func TestEvidenceOfDirections(t *testing.T) {
	t.Parallel()
	task, err := NewTask("PerceptualDecisionMaking", json.RawMessage(`{"cohs":[50],"sigma":0}`))
	if err != nil {
		t.Fatal(err)
	}
	p, rng, trial := task.(*PerceptualDecisionMaking), rand.New(rand.NewPCG(1, 1)), Trial{}
	for range 20 {
		p.Draw(rng)
		trial.begin(3)
		p.Build(&trial, rng)
		want := 0.5 - float64(p.trial.Direction)
		for step := range trial.Steps() {
			shown := step >= trial.Period("stimulus").Start && step < trial.Period("stimulus").End
			if got := p.Evidence(&trial, step); shown && math.Abs(got-want) > 1e-6 || !shown && got != 0 {
				t.Fatalf("step %d, direction %d: evidence %v", step, p.trial.Direction, got)
			}
		}
	}
}
