package drqn

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/replay"
)

// stateConfigs returns populations that together have every kind of state.
func stateConfigs(t *testing.T) map[string][]Config {
	prioritized := small(t, "session")
	prioritized.Task, prioritized.PassAction, prioritized.PassReward = "DelayMatchSample", true, true
	prioritized.WindowEnd = replay.EndPrioritized
	prioritized.PriorityExponent, prioritized.ImportanceExponent = 0.6, 0.4
	one, two, three := small(t, "default"), small(t, "default"), small(t, "default")
	two.Seed, two.LearningRate, two.StopAt = 7, 3e-3, 0.01 // reached at the first evaluation
	three.Seed, three.Gamma = 8, 0.5
	solved := small(t, "default") // every answer earns half on average, or more
	solved.Task, solved.TaskOptions = "TemporalOrder", json.RawMessage(`{"wrong":0}`)
	solved.EvalEvery, solved.EvalTrials, solved.StopAt = 3, 40, 0.1
	lagging, behind := small(t, "session"), small(t, "session")
	lagging.ActingLag, behind.ActingLag, behind.Seed = 1, 1, 7
	bandit := small(t, "session") // in mid-session, where trials depend on what was done
	bandit.Task, bandit.TaskOptions = "TwoArmedBandit", json.RawMessage(`{"trials":40}`)
	keeps, forgets := gated(t), gated(t)
	forgets.Seed, forgets.Lambda = 7, 0.6
	lstm := small(t, "session")
	lstm.Cell, lstm.Readout = "lstm", 3
	lstm, err := lstm.WithoutUnused()
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]Config{
		"default": {small(t, "default")}, "classic": {small(t, "classic")}, "prioritized": {prioritized},
		"lstm": {lstm}, "population": {one, two, three}, "acting lag": {lagging, behind}, "solved": {solved},
		"gated": {keeps, forgets}, "bandit": {bandit},
	}
}

// passed returns a state after a passage through the files of a checkpoint.
func passed(t *testing.T, trainer *Trainer, s State) State {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var ring bytes.Buffer
	if _, err := s.Ring.WriteTo(&ring); err != nil {
		t.Fatal(err)
	}
	read := State{Weights: slices.Clone(s.Weights), Target: slices.Clone(s.Target), First: slices.Clone(s.First),
		Second: slices.Clone(s.Second)}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if read.Ring, err = replay.ReadRing(trainer.RingOptions(), &ring); err != nil {
		t.Fatal(err)
	}
	return read
}

func snapshots(t *testing.T, trainer *Trainer) []State {
	t.Helper()
	states := make([]State, len(trainer.members))
	for k := range states {
		if err := trainer.Snapshot(k, &states[k]); err != nil {
			t.Fatal(err)
		}
	}
	return states
}

// everything returns a trainer's whole state and its reports, as text.
func everything(t *testing.T, trainer *Trainer, r *recorder) string {
	t.Helper()
	var text strings.Builder
	for _, s := range snapshots(t, trainer) {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var ring bytes.Buffer
		if _, err := s.Ring.WriteTo(&ring); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&text, string(data), s.Weights, s.Target, s.First, s.Second, ring.Bytes())
	}
	fmt.Fprintln(&text, r.metrics, r.evaluations)
	return text.String()
}

// stoppedAt trains to an update, passes the state through files to another trainer, and trains that to the end.
func stoppedAt(t *testing.T, b compute.Backend, update int64, configs []Config) string {
	t.Helper()
	first, err := NewTrainer(b, configs...)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	if err := first.TrainUntil(context.Background(), update, r); err != nil {
		t.Fatal(err)
	}
	second, err := NewTrainer(b, configs...)
	if err != nil {
		t.Fatal(err)
	}
	states := snapshots(t, first)
	for k := range states {
		states[k] = passed(t, second, states[k])
	}
	if err := second.Restore(states); err != nil {
		t.Fatal(err)
	}
	if err := second.Train(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return everything(t, second, r)
}

// TestRestore checks that a restored trainer continues as the one whose state it has, to the last bit, and reports the
// same.
func TestRestore(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	for name, configs := range stateConfigs(t) {
		whole, r := train(t, b, configs...)
		want := everything(t, whole, r)
		if name == "solved" && (whole.Update() == 12 || !whole.Done()) {
			t.Error("the run that is solved before its end is not: the test tests nothing")
		}
		for update := range int64(13) {
			if stoppedAt(t, b, update, configs) != want {
				t.Errorf("%s: stopped at update %d, it differs", name, update)
			}
		}
	}
}

func TestRestoreOnXLA(t *testing.T) {
	b := backendtest.Open(t, backend.XLACPU)
	for _, name := range []string{"prioritized", "population", "acting lag"} {
		configs := stateConfigs(t)[name]
		whole, r := train(t, b, configs...)
		if stoppedAt(t, b, 7, configs) != everything(t, whole, r) {
			t.Errorf("%s: it differs", name)
		}
	}
}

// TestSnapshotStays checks that a state is a copy, and that one taken over another uses its memory.
func TestSnapshotStays(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	trainer, err := NewTrainer(b, small(t, "session"))
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.TrainUntil(context.Background(), 3, &recorder{}); err != nil {
		t.Fatal(err)
	}
	var s State
	for range 2 {
		if err := trainer.Snapshot(0, &s); err != nil {
			t.Fatal(err)
		}
		before := passed(t, trainer, s)
		if err := trainer.TrainUntil(context.Background(), trainer.Update()+3, &recorder{}); err != nil {
			t.Fatal(err)
		}
		after := passed(t, trainer, s)
		if fmt.Sprint(before.Weights, before.Target, before.Carried, before.Environments) != fmt.Sprint(after.Weights,
			after.Target, after.Carried, after.Environments) || before.Ring.Count() != after.Ring.Count() {
			t.Error("the state changed with the trainer")
		}
	}
}

func TestRestoreRefused(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	trainer, _ := train(t, b, small(t, "session"))
	for want, alter := range map[string]func(*State){
		"update 13 of 12":      func(s *State) { s.Update = 13 },
		"reported at 13":       func(s *State) { s.Reported = 13 },
		"weights":              func(s *State) { s.Weights = s.Weights[1:] },
		"moments":              func(s *State) { s.Second = nil },
		"7 environments":       func(s *State) { s.Carried = s.Carried[1:] },
		"recurrent state of 1": func(s *State) { s.Carried[2] = make([]float32, 1) },
		"PCG":                  func(s *State) { s.Acting = []byte("pcg") },
		"environment 0":        func(s *State) { s.Environments.Environments[0] = []byte("null") },
		"a ring of":            func(s *State) { s.Ring = &replay.Ring{} },
	} {
		states := snapshots(t, trainer)
		alter(&states[0])
		if err := trainer.Restore(states); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := trainer.Restore(nil); err == nil {
		t.Error("no states were taken")
	}
	if err := trainer.Restore(snapshots(t, trainer)); err != nil {
		t.Error(err)
	}
}
