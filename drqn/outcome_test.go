package drqn

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// Outcomes are those of the trials that Evaluate averages and Rollout records, and their parameters say what was
// right: an answer is correct where it is the ground truth's.
func TestOutcomes(t *testing.T) {
	c := small(t, "default")
	c.Task = "PerceptualDecisionMaking"
	trainer, _ := train(t, backendtest.Open(t, backend.Go), c)
	policy, err := NewPolicy(c, trainer.Weights(0))
	if err != nil {
		t.Fatal(err)
	}
	const trials = 200
	outcomes, err := policy.Outcomes(context.Background(), trials, 5)
	if err != nil || len(outcomes) != trials {
		t.Fatalf("%d outcomes, %v", len(outcomes), err)
	}
	traces, err := policy.Rollout(context.Background(), trials, 5)
	if err != nil {
		t.Fatal(err)
	}
	reward, coherences := 0.0, map[float64]int{}
	for i, o := range outcomes {
		var trial struct {
			Direction int     `json:"ground_truth"`
			Coherence float64 `json:"coh"`
		}
		if err := json.Unmarshal(o.Parameters, &trial); err != nil {
			t.Fatalf("trial %d: %v", i, err)
		}
		right, last := traces[i].GroundTruth[len(traces[i].GroundTruth)-1], traces[i].Actions[len(traces[i].Actions)-1]
		if trial.Direction+1 != right || o.Answer != last || o.Correct != traces[i].Correct ||
			o.Correct != (o.Answer == right) {
			t.Fatalf("trial %d: %+v of direction %d, the trace has ground truth %d and action %d", i, o,
				trial.Direction, right, last)
		}
		reward += o.Reward / trials
		coherences[trial.Coherence]++
	}
	e, err := policy.Evaluate(context.Background(), trials, 5)
	if err != nil || math.Abs(e.RewardPerTrial-reward) > 1e-6 {
		t.Errorf("mean reward %v, Evaluate says %v (%v)", reward, e.RewardPerTrial, err)
	}
	if len(coherences) != 5 {
		t.Errorf("coherences %v, want the task's five", coherences)
	}
	if _, err := policy.Outcomes(context.Background(), 0, 5); err == nil {
		t.Error("no trials were taken")
	}
}
