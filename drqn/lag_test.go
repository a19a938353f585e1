package drqn

import (
	"bytes"
	"context"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// between returns a trainer that stands between two updates; the next one is owed.
func between(t *testing.T, c Config, update int64) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.TrainUntil(context.Background(), update, &recorder{}); err != nil {
		t.Fatal(err)
	}
	if trainer.owed() != 1 {
		t.Fatalf("%d updates are owed at update %d", trainer.owed(), update)
	}
	return trainer
}

func ringBytes(t *testing.T, trainer *Trainer) []byte {
	t.Helper()
	var ring bytes.Buffer
	if _, err := trainer.members[0].actor.ring.WriteTo(&ring); err != nil {
		t.Fatal(err)
	}
	return ring.Bytes()
}

// TestActingLag checks that the steps taken while an update is computed use the weights from before it, whatever
// finishes first.
func TestActingLag(t *testing.T) {
	c := small(t, "session") // the ring keeps states, which show the weights
	c.ActingLag, c.UpdateEvery = 1, 80
	beside := between(t, c, 5)
	if err := beside.learn(); err != nil {
		t.Fatal(err)
	}
	before, after := between(t, c, 5), between(t, c, 5)
	act := func(trainer *Trainer) {
		for range c.UpdateEvery / c.Environments {
			if err := trainer.act(); err != nil {
				t.Fatal(err)
			}
		}
	}
	act(before)
	if !bytes.Equal(ringBytes(t, beside), ringBytes(t, before)) {
		t.Error("what was done beside the update is not what the weights before it do")
	}
	if err := after.learner.restore(snapshots(t, beside)); err != nil {
		t.Fatal(err)
	}
	act(after)
	if bytes.Equal(ringBytes(t, beside), ringBytes(t, after)) {
		t.Error("the weights after the update do the same: the test tests nothing")
	}
}

// TestActingLagCounts checks that, with a lag, the steps for the next update are taken before the last one is reported,
// except after the last update of the run.
func TestActingLagCounts(t *testing.T) {
	for _, lag := range []int{0, 1} {
		c := small(t, "default")
		c.ActingLag, c.MetricsEvery, c.EvalEvery = lag, 1, 0
		c.EvalTrials = 0
		c.Environments, c.UpdateEvery, c.ExplorationLadder = 2, 4, 0
		_, r := train(t, backendtest.Open(t, backend.Go), c)
		for i, m := range r.metrics {
			update := i + 1
			if want := int64(c.LearnAfter + c.UpdateEvery*min(update+lag, c.Updates)); m.EnvironmentSteps != want {
				t.Errorf("lag %d, update %d: %d environment steps, want %d", lag, update, m.EnvironmentSteps, want)
			}
		}
	}
}
