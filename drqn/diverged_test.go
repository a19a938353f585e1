package drqn

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/replay"
)

// TestDiverged checks that a loss that is NaN is an error that names the member and the windows, and the weights stay
// those from before the update. A call that fails in the backend changes nothing either.
func TestDiverged(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		two := small(t, "default")
		two.Seed = 5
		trainer, _ := train(t, b, small(t, "default"), two)
		before := everything(t, trainer, &recorder{})
		trainer.batch.Rewards[6*trainer.batch.Steps+2] = float32(math.NaN()) // of row 2 of member 1
		_, err := trainer.learner.Update(trainer.batch)
		var d *Divergence
		if !errors.As(err, &d) || !errors.Is(err, ErrDiverged) {
			t.Fatalf("error %v", err)
		}
		if d.Update != 13 || d.Member != 1 || d.What != "the loss" || d.Value != "NaN" || len(d.Windows) != 1 ||
			d.Windows[0].Row != 2 || d.Windows[0].Rewards[2] != "NaN" {
			t.Errorf("the diagnosis is %+v", d)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
		other, err := replay.NewBatch(trainer.batch.Size, trainer.batch.Steps, trainer.batch.ObservationSize+1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := trainer.learner.Update(other); err == nil || errors.Is(err, ErrDiverged) {
			t.Errorf("observations that the network cannot read: error %v", err)
		}
		if everything(t, trainer, &recorder{}) != before {
			t.Error("the failed updates changed the trainer")
		}
		if err := trainer.learn(); err != nil {
			t.Errorf("the learner does not resume: %v", err)
		}
	})
}

// TestDivergedTraining checks the diagnoses of configs that lead to values that are NaN or infinite.
func TestDivergedTraining(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"a weight of W is":                 func(*Config) {}, // by a rate that Validate refuses
		"the loss is":                      func(c *Config) { c.LearningRate = 1e30 },
		"the norm of the gradient is +Inf": func(c *Config) { c.L1 = 1e38 },
		`an observation of channel "stimulus1" in environment 0 of DelayMatchSample is`: func(c *Config) {
			c.Task, c.TaskOptions = "DelayMatchSample", json.RawMessage(`{"sigma":1e300}`)
			c.EvalEvery, c.EvalTrials = 0, 0
		},
		"of GoNogo is +Inf": func(c *Config) {
			c.TaskOptions, c.EvalEvery, c.EvalTrials = json.RawMessage(`{"rewards":{"correct":1e300}}`), 0, 0
			c.ExplorationEnd, c.Updates = 1, 100 // someone presses in a go trial
		},
		"a reward of an evaluation is +Inf": func(c *Config) {
			c.TaskOptions = json.RawMessage(`{"rewards":{"correct":1e300,"fail":1e300,"miss":1e300}}`)
		},
	} {
		c := small(t, "default")
		change(&c)
		trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
		if err != nil {
			t.Fatal(err)
		}
		if want == "a weight of W is" {
			trainer.learner.hyper[0].LearningRate = 1e39
		}
		err = trainer.Train(context.Background(), &recorder{})
		var d *Divergence
		if !errors.As(err, &d) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") ||
			d.Update != trainer.Update()+1 {
			t.Errorf("error %v (%+v), want one with %q", err, d, want)
			continue
		}
		if text, err := json.Marshal(d); err != nil || !strings.Contains(string(text), `"value":"`+d.Value+`"`) {
			t.Errorf("%s: its diagnosis is %s, %v", want, text, err)
		}
		if !finite(trainer.Weights(0)...) {
			t.Errorf("%s: the weights are not those from before the update", want)
		}
	}
}
