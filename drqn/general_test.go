package drqn

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// corridor is an environment that is no task of trials: Steps steps forward end an episode of return Steps times Pays;
// an episode that is cut earlier has paid less.
type corridor struct {
	Steps int     `json:"steps"`
	Pays  float64 `json:"pays"`

	at          int
	observation [2]float32
}

func (c *corridor) Spec() tasks.Spec {
	return tasks.Spec{Name: "corridor", Observations: []string{"here", "there"}, Actions: []string{"a", "b"}}
}

func (c *corridor) Reset(uint64) ([]float32, error) {
	c.at = 0
	return c.observe(), nil
}

func (c *corridor) Step(int) (tasks.Step, error) {
	c.at++
	return tasks.Step{Observation: c.observe(), Reward: float32(c.Pays), Terminated: c.at == c.Steps}, nil
}

func (c *corridor) observe() []float32 {
	c.observation = [2]float32{1, float32(c.at) / 10}
	return c.observation[:]
}

func init() {
	if err := tasks.RegisterEnvironment("corridor",
		func() tasks.Env { return &corridor{Steps: 7, Pays: 2} }); err != nil {
		panic(err)
	}
}

// general returns a small config of an environment that is no task.
func general(t testing.TB, settings map[string]string) Config {
	t.Helper()
	c, err := Preset("general")
	if err != nil {
		t.Fatal(err)
	}
	small := map[string]string{"task": "corridor", "hidden": "4", "input_size": "3", "readout": "0", "updates": "6",
		"learn_after": "100", "batch": "2", "window": "4", "burn_in": "0", "metrics_every": "3", "eval_every": "3",
		"eval_trials": "5", "capacity": "1000", "environments": "2"}
	for name, text := range settings {
		small[name] = text
	}
	if c, err = Assemble(c, small); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestGeneral trains in an environment without trials, ground truth, ceiling or longest episode: what is reported are
// returns of whole episodes, also where an interval of metrics is shorter than an episode.
func TestGeneral(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		trainer, r := train(t, b, general(t, map[string]string{"reward_scale": "10", "update_every": "8"}))
		defer trainer.Close()
		want := Evaluation{Task: "corridor", Trials: 5, Episodes: 5, RewardPerTrial: 14, MeanReturn: new(14.),
			ReturnSD: new(0.), MeanSteps: 7, NoCeiling: true}
		for _, e := range r.evaluations {
			e.Seed, e.Update, e.Lambda, e.Confirmation = 0, 0, 0, false
			if !reflect.DeepEqual(e, want) {
				t.Errorf("%+v, want %+v", e, want)
			}
		}
		if len(r.evaluations) != 3 || len(r.metrics) != 2 {
			t.Fatalf("%d evaluations and %d metrics", len(r.evaluations), len(r.metrics))
		}
		for _, m := range r.metrics {
			if m.Trials > 0 && m.RewardPerTrial != 14 {
				t.Errorf("a return of %v while acting, want 14", m.RewardPerTrial)
			}
		}
	})
}

// Shares are between floor and ceiling, where these are given.
func TestGeneralShare(t *testing.T) {
	t.Parallel()
	c := general(t, map[string]string{"ceiling": "24", "floor": "4"})
	p, err := c.resolve()
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.policy(p.net.Init(stream(1, streamWeights).Rand)).Evaluate(context.Background(), 3, 1)
	if err != nil || e.ShareOfCeiling != 0.5 || e.NoCeiling || e.Score() != 0.5 {
		t.Errorf("%+v, %v: want a share of (14-4)/(24-4)", e, err)
	}
}

// TestStopAtReturn checks that a run without a ceiling ends after two evaluations in a row, and then a hundred
// episodes, whose mean return reaches stop_at_return, also where that is below zero, and does not end where they fall
// short.
func TestStopAtReturn(t *testing.T) {
	t.Parallel()
	for stop, ends := range map[string]int64{"-14": 6, "-13.9": 12} { // each episode returns -14
		trainer, r := train(t, backendtest.Open(t, backend.Go), general(t, map[string]string{"updates": "12",
			"task_options": `{"pays":-2}`, "stop_at_return": stop}))
		last := r.evaluations[len(r.evaluations)-1]
		if trainer.Update() != ends || !trainer.Done() || last.Confirmation != (ends == 6) {
			t.Errorf("stop_at_return %s: ended at update %d after %+v", stop, trainer.Update(), last)
		}
		trainer.Close()
	}
}

// TestGeneralRefused lists what such an environment makes impossible, with the remedies.
func TestGeneralRefused(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]map[string]string{
		"invalid window 0: corridor does not say how long": {"window": "0"},
		"which corridor does not have: give one with":      {"stop_at": "0.9"},
		"invalid stop_at_return 3: use a number, and 0":    {"stop_at_return": "3", "stop_at": "0.9", "ceiling": "5"},
		"invalid ceiling 1: use a number above floor":      {"ceiling": "1", "floor": "2"},
		"invalid reward_scale 0: use a number above 0":     {"reward_scale": "0"},
		"invalid observation_scale -1":                     {"observation_scale": "-1"},
		"invalid truncation never: use bootstrap":          {"truncation": "never"},
		"ceiling 3 and floor 0 have no effect with GoNogo": {"ceiling": "3", "task": "GoNogo"},
	} {
		if _, err := Assemble(general(t, nil), set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", set, err, want)
		}
	}
	endless := general(t, map[string]string{"task_options": `{"steps":-1}`, "time_limit": "9"})
	p, err := endless.resolve()
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.policy(p.net.Init(stream(1, streamWeights).Rand)).Evaluate(context.Background(), 3, 1)
	if err != nil || e.RewardPerTrial != 18 || e.MeanSteps != 9 {
		t.Errorf("cut by a time limit: %+v, %v", e, err)
	}
}

// A run in such an environment that is stopped in the middle of episodes and restored becomes what
// it would have been.
func TestGeneralResume(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		c := general(t, map[string]string{"time_limit": "5"})
		want, _ := train(t, b, c)
		half, err := NewTrainer(b, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := half.TrainUntil(context.Background(), 4, new(recorder)); err != nil {
			t.Fatal(err)
		}
		var s State
		if err := half.Snapshot(0, &s); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		read := State{Weights: s.Weights, Target: s.Target, First: s.First, Second: s.Second, Ring: s.Ring}
		if err := json.Unmarshal(data, &read); err != nil {
			t.Fatal(err)
		}
		got, err := NewTrainer(b, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Restore([]State{read}); err != nil {
			t.Fatal(err)
		}
		if err := got.Train(context.Background(), new(recorder)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Weights(0), want.Weights(0)) {
			t.Error("a resumed run has other weights")
		}
	})
}

// With truncation = terminate the end of an episode that was cut is a termination, as the flaw of
// earlier versions makes it; a plain truncation is none.
func TestTruncation(t *testing.T) {
	t.Parallel()
	cut := tasks.Step{Truncated: true}
	for _, c := range []struct {
		config     Config
		terminated bool
	}{
		{Config{Truncation: TruncationBootstrap, Flaw: FlawNone}, false},
		{Config{Truncation: TruncationTerminate, Flaw: FlawNone}, true},
		{Config{Truncation: TruncationBootstrap, Flaw: FlawTruncationTerminates}, true},
	} {
		if ended, terminated := c.config.endsEpisode(cut); !ended || terminated != c.terminated {
			t.Errorf("%+v: ended %v, terminated %v", c.config, ended, terminated)
		}
	}
	old, err := DecodeConfig(strings.NewReader(`{"task":"GoNogo"}`), Earlier())
	if err != nil || old.Truncation != TruncationBootstrap || old.RewardScale != 1 || old.ObservationScale != 1 {
		t.Errorf("a file of an earlier version: %+v, %v", old, err)
	}
	if got := (Config{RewardScale: 20}).learned(0.25); math.Abs(float64(got)-5) > 0 {
		t.Errorf("a reward of 0.25, times 20, is learned as %v", got)
	}
}

// TestWindowWithoutTrials checks that no trials are drawn of an environment that has none: a window is an episode long.
func TestWindowWithoutTrials(t *testing.T) {
	t.Parallel()
	c := general(t, nil)
	c.Window = 0
	spec := tasks.Spec{MaxTrialSteps: 150, Observations: []string{"one"}}
	if got := c.replayWindow(spec, nil, nil).Length; got != 150 {
		t.Errorf("a window of %d steps, want 150", got)
	}
}
