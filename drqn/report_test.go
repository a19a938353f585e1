package drqn

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/replay"
)

// solvable returns a config with which every agent reaches stop_at: half of its answers are right on average, whatever
// it answers.
func solvable(t testing.TB) Config {
	c := small(t, "default")
	c.Task, c.TaskOptions = "TemporalOrder", json.RawMessage(`{"wrong":0}`)
	c.EvalEvery, c.EvalTrials, c.StopAt = 3, taskTrials, 0.1
	return c
}

// TestStopAt checks that a run ends early after two evaluations in a row, and then a confirmation, that reach stop_at,
// and that no evaluation is on the trials of another or of training.
func TestStopAt(t *testing.T) {
	c := solvable(t)
	trainer, r := train(t, backendtest.Open(t, backend.Go), c)
	var updates []int64
	seeds := map[uint64]bool{}
	for i, e := range r.evaluations {
		updates = append(updates, e.Update)
		if seeds[e.Seed] {
			t.Errorf("the evaluation %+v is on trials that another had", e)
		}
		seeds[e.Seed] = true
		for _, base := range []uint64{c.Seed, c.Seed + uint64(e.Update)<<32 + uint64(e.Trials)} {
			if e.Seed == stream(base, streamEnvironments).Uint64() {
				t.Errorf("the evaluation at update %d is on the trials of training", e.Update)
			}
		}
		if e.Confirmation != (i == 3) || e.Final {
			t.Errorf("evaluation %d: %+v", i, e)
		}
	}
	if !slices.Equal(updates, []int64{0, 3, 6, 6}) || trainer.Update() != 6 || !trainer.Done() {
		t.Errorf("evaluated at %v, ended at %d", updates, trainer.Update())
	}
}

// TestSolvedByAll checks that a population has solved its task once all of its members have.
func TestSolvedByAll(t *testing.T) {
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), small(t, "default"), small(t, "default"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range trainer.members {
		if trainer.solved() {
			t.Error("one member has not solved its task")
		}
		m.solved = true
	}
	if !trainer.solved() {
		t.Error("all members have solved their task")
	}
}

// TestStopAtIsNotReached checks that one evaluation in a row is not enough, and a confirmation that falls short stops
// nothing.
func TestStopAtIsNotReached(t *testing.T) {
	c := solvable(t)
	c.EvalEvery, c.EvalTrials, c.Updates = 1, 2, 60
	c.StopAt = 0.9 // of two trials both are right now and then, of 2,000 some half
	trainer, r := train(t, backendtest.Open(t, backend.Go), c)
	confirmed := 0
	for i, e := range r.evaluations {
		if !e.Confirmation {
			continue
		}
		confirmed++
		if before := r.evaluations[i-2]; i < 2 || before.ShareOfCeiling < c.StopAt && !before.Confirmation {
			t.Errorf("update %d is confirmed after one evaluation", e.Update)
		}
	}
	if trainer.Update() != 60 || confirmed == 0 {
		t.Errorf("ended at update %d after %d confirmations: the test tests nothing", trainer.Update(), confirmed)
	}
}

// afterUpdates is a context that counts as cancelled once a trainer has done so many updates.
type afterUpdates struct {
	context.Context
	trainer *Trainer
	updates int64
}

func (c afterUpdates) Err() error {
	if c.trainer.Update() >= c.updates {
		return context.Canceled
	}
	return nil
}

// TestInterruptedReport checks that a trainer that was stopped in any report, even the last, and then restored reports
// and becomes the same as one that was not stopped.
func TestInterruptedReport(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	stopping := solvable(t)
	stopping.EvalTrials = 40
	rare := small(t, "default")
	rare.MetricsEvery = 1000
	other := small(t, "default")
	other.Seed = 7
	for name, configs := range map[string][]Config{
		"default": {small(t, "default")}, "population": {small(t, "default"), other}, "metrics at the end": {rare},
		"stop_at": {stopping}, "gated": {gated(t)},
	} {
		t.Run(name, func(t *testing.T) {
			want, told := train(t, b, configs...)
			for _, update := range []int64{3, want.Update()} {
				first, err := NewTrainer(b, configs...)
				if err != nil {
					t.Fatal(err)
				}
				got := &recorder{}
				err = first.Train(afterUpdates{context.Background(), first, update}, got)
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("%s, update %d: %v", name, update, err)
				}
				second := restored(t, b, first, configs)
				for !second.Done() { // as lab.Train does
					if err := second.TrainUntil(context.Background(), (second.Update()/4+1)*4, got); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(got.metrics, told.metrics) ||
					!reflect.DeepEqual(got.evaluations, told.evaluations) {
					t.Errorf("%s, stopped in the report of update %d: %d metrics and %d evaluations, uninterrupted %d "+
						"and %d", name, update, len(got.metrics), len(got.evaluations), len(told.metrics),
						len(told.evaluations))
				}
				if !slices.Equal(second.Weights(0), want.Weights(0)) {
					t.Errorf("%s, stopped in the report of update %d: it differs", name, update)
				}
			}
		})
	}
}

func restored(t *testing.T, b compute.Backend, first *Trainer, configs []Config) *Trainer {
	t.Helper()
	second, err := NewTrainer(b, configs...)
	if err != nil {
		t.Fatal(err)
	}
	states := make([]State, len(configs))
	for k := range states {
		if err := first.Snapshot(k, &states[k]); err != nil {
			t.Fatal(err)
		}
		states[k] = passed(t, first, states[k])
	}
	if err := second.Restore(states); err != nil {
		t.Fatal(err)
	}
	return second
}

// TestUntold checks that the trials that the metrics report and those that are yet to be reported are together all
// trials that ended.
func TestUntold(t *testing.T) {
	c := solvable(t)
	c.MetricsEvery, c.EvalTrials = 4, 40
	trainer, r := train(t, backendtest.Open(t, backend.Go), c)
	trials, reward := trainer.Untold(0)
	for _, m := range r.metrics {
		trials, reward = trials+m.Trials, reward+float64(m.Trials)*m.RewardPerTrial
	}
	steps := int(trainer.members[0].actor.ring.Count())
	// 7 steps a trial
	if want := int64(steps / c.Environments / 7 * c.Environments); trials != want || reward <= 0 ||
		reward > float64(want) {
		t.Errorf("%d trials with a reward of %v are reported of %d", trials, reward, want)
	}
}

// TestMetricsOfTheirInterval checks that metrics written every third update are the means of the three updates'
// metrics.
func TestMetricsOfTheirInterval(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	c := small(t, "default")
	_, thirds := train(t, b, c)
	c.MetricsEvery = 1
	_, each := train(t, b, c)
	for i, got := range thirds.metrics {
		want := Metrics{}
		for _, m := range each.metrics[3*i : 3*i+3] {
			want.Loss, want.GradientNorm = want.Loss+m.Loss/3, want.GradientNorm+m.GradientNorm/3
			want.MeanQ, want.Trials = want.MeanQ+m.MeanQ/3, want.Trials+m.Trials
		}
		near(t, "loss, norm and value", []float64{got.Loss, got.GradientNorm, got.MeanQ},
			[]float64{want.Loss, want.GradientNorm, want.MeanQ}, 1e-12)
		if got.Trials != want.Trials || got.Update != int64(3*i+3) {
			t.Errorf("%+v, want %d trials until update %d", got, want.Trials, 3*i+3)
		}
	}
}

// prioritized returns a config with prioritized windows.
func prioritized(t testing.TB) Config {
	c := small(t, "default")
	c.WindowEnd, c.PriorityExponent, c.ImportanceExponent = replay.EndPrioritized, 0.8, 0.4
	c.LearningRate, c.Updates = 0.05, 20
	return c
}

// TestPrioritiesAreTheMembersOwn checks that members of a population with prioritized windows become what they become
// alone.
func TestPrioritiesAreTheMembersOwn(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	one, two := prioritized(t), prioritized(t)
	two.Seed = 7
	together, _ := train(t, b, one, two)
	for k, c := range []Config{one, two} {
		alone, _ := train(t, b, c)
		for i, want := range alone.Weights(0) {
			if got := together.Weights(k)[i]; math.Abs(float64(got-want)) > 1e-4 {
				t.Fatalf("member %d, weight %d: %v together, %v alone", k, i, got, want)
			}
		}
	}
}

// TestImportanceOfUpdates checks that the importance weights are corrected with the exponent of the updates done.
func TestImportanceOfUpdates(t *testing.T) {
	trainer, _ := train(t, backendtest.Open(t, backend.Go), prioritized(t))
	m := trainer.members[0]
	weightsAt := func(update int64) []float64 {
		m.rng.source.Seed(1, 1)
		if err := m.sample(update); err != nil {
			t.Fatal(err)
		}
		var logs []float64
		for _, w := range m.batch.Weights {
			logs = append(logs, math.Log(float64(w)))
		}
		return logs
	}
	for _, update := range []int64{0, 5, 19} {
		full, got, differ := weightsAt(20), weightsAt(update), false
		beta := 0.4 + 0.6*float64(update)/20
		for i := range full {
			if differ = differ || full[i] < -1e-3; math.Abs(got[i]-beta*full[i]) > 1e-5 {
				t.Errorf("update %d: weight %d has the logarithm %v, with beta = 1 it is %v", update, i, got[i],
					full[i])
			}
		}
		if !differ {
			t.Error("all weights are equal: the test tests nothing")
		}
	}
}

// TestLearningRateOfTheUpdate checks that the rate is that of the coming update: with full decay, that of the last one
// is 0.
func TestLearningRateOfTheUpdate(t *testing.T) {
	c := small(t, "default")
	c.LearningRate, c.LearningRateDecay, c.MetricsEvery = 0.01, 1, 1
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
	if err != nil {
		t.Fatal(err)
	}
	after := map[int64][]float32{}
	err = trainer.Train(context.Background(),
		&recorder{after: func(m Metrics) { after[m.Update] = slices.Clone(trainer.Weights(0)) }})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(after[11], after[12]) || slices.Equal(after[10], after[11]) {
		t.Error("the last update, of rate 0, moves the weights, or that before does not")
	}
}
