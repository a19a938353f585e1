package drqn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/mpn"
	"engram/replay"
	"engram/tasks"
)

// recorder keeps what a trainer reports.
type recorder struct {
	metrics     []Metrics
	evaluations []Evaluation
	after       func(Metrics)
}

func (r *recorder) Metrics(m Metrics) error {
	r.metrics = append(r.metrics, m)
	if r.after != nil {
		r.after(m)
	}
	return nil
}

func (r *recorder) Evaluation(_ int, e Evaluation) error {
	r.evaluations = append(r.evaluations, e)
	return nil
}

// small returns a config that trains in a moment.
func small(t testing.TB, name string) Config {
	c := preset(t, name)
	c.Hidden, c.Batch, c.Window, c.Updates, c.UpdateEvery, c.LearnAfter = 6, 4, 4, 12, 4, 40
	c.Readout, c.BurnIn = min(c.Readout, 5), min(c.BurnIn, 5)
	c.MetricsEvery, c.EvalEvery, c.EvalTrials, c.Capacity = 3, 6, 5, 400
	if c.Input == InputProjection {
		c.InputSize = 4
	}
	return c
}

func train(t testing.TB, b compute.Backend, configs ...Config) (*Trainer, *recorder) {
	t.Helper()
	trainer, err := NewTrainer(b, configs...)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	if err := trainer.Train(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return trainer, r
}

// TestLearnsGoNogo trains the default preset on a real task until it has solved it, on each backend.
func TestLearnsGoNogo(t *testing.T) {
	if testing.Short() {
		t.Skip("training to a threshold: not under the race detector")
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		c := preset(t, "default")
		c.StopAt, c.Seed, c.EvalEvery = 0.95, 1, 100 // solved after 200 updates
		trainer, r := train(t, b, c)
		last := r.evaluations[len(r.evaluations)-1]
		if last.Trials != taskTrials || last.RewardPerTrial < 0.475 {
			t.Fatalf("after %d updates: %+v", trainer.Update(), last)
		}
		if trainer.Update() >= int64(c.Updates) {
			t.Errorf("the run did not stop when it was solved")
		}
	})
}

// TestSameSeedSameBytes compares metrics, evaluations and weights of each preset for one seed, which are equal, and for
// two, which differ.
func TestSameSeedSameBytes(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, name := range PresetNames() {
			run := func(seed uint64) string {
				c := small(t, name)
				c.Seed = seed
				trainer, r := train(t, b, c)
				data, err := json.Marshal([]any{r.metrics, r.evaluations, trainer.Weights(0)})
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			first := run(3)
			if run(3) != first {
				t.Errorf("%s: the same seed gave other bytes", name)
			}
			if run(4) == first {
				t.Errorf("%s: another seed gave the same bytes", name)
			}
		}
	})
}

// TestPopulation checks that members trained in one program become what they become alone.
func TestPopulation(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		one, two, three := small(t, "default"), small(t, "default"), small(t, "default")
		two.Seed, two.LearningRate, two.Gamma, two.Eta = 7, 3e-3, 0.5, -0.2
		three.Seed, three.LambdaMax, three.Lambda, three.TargetEvery = 8, 0.8, 0.7, 2
		one.ActingLag, two.ActingLag, three.ActingLag = 1, 1, 1
		together, _ := train(t, b, one, two, three)
		for k, c := range []Config{one, two, three} {
			alone, _ := train(t, b, c)
			for i, want := range alone.Weights(0) {
				if got := together.Weights(k)[i]; math.Abs(float64(got-want)) > 1e-5 {
					t.Fatalf("member %d, weight %d: %v together, %v alone", k, i, got, want)
				}
			}
		}
		two.Hidden = 7
		if _, err := NewTrainer(b, one, two); err == nil {
			t.Error("members of different sizes were taken")
		}
	})
}

// TestCancelAndGoOn checks that a cancelled run that resumes becomes what an uncancelled one becomes.
func TestCancelAndGoOn(t *testing.T) {
	b := backendtest.Open(t, backend.Go)
	want, _ := train(t, b, small(t, "default"))
	trainer, err := NewTrainer(b, small(t, "default"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = trainer.Train(ctx, &recorder{after: func(Metrics) { cancel() }})
	if !errors.Is(err, context.Canceled) || trainer.Update() != 3 {
		t.Fatalf("cancelled at update %d with %v", trainer.Update(), err)
	}
	if err := trainer.Train(context.Background(), &recorder{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(trainer.Weights(0), want.Weights(0)) {
		t.Error("the run that was cancelled differs")
	}
}

// TestTargetEvery checks that the target network has the weights of the last multiple.
func TestTargetEvery(t *testing.T) {
	c := small(t, "default")
	c.TargetEvery, c.Updates = 4, 6
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
	if err != nil {
		t.Fatal(err)
	}
	var atFour []float32
	c.MetricsEvery = 1
	trainer.members[0].config.MetricsEvery = 1
	err = trainer.Train(context.Background(), &recorder{after: func(m Metrics) {
		if m.Update == 4 {
			atFour = slices.Clone(trainer.Weights(0)[:trainer.Network().Trainable()])
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	target, err := tensors.CopyFlatData[float32](trainer.learner.target)
	if err != nil {
		t.Fatal(err)
	}
	if len(atFour) == 0 || !slices.Equal(target, atFour) {
		t.Error("the target network is not the online one of update 4")
	}
}

// TestTrainsVariants checks that an update of a variant and of two layers moves eta and lambda and keeps every lambda
// within its bounds. The metrics have their means, in the first of two layers.
func TestTrainsVariants(t *testing.T) {
	for name, prefix := range map[string]string{"variant": "", "two layers": "1."} {
		t.Run(name, func(t *testing.T) {
			c := small(t, "default")
			agentConfigs()[name](&c)
			c.LearningRate, c.Lambda, c.LambdaMax = 0.2, 0.5, 0.6
			trainer, r := train(t, backendtest.Open(t, backend.Go), c)
			values := trainer.Network().Values(trainer.Weights(0))
			last := r.metrics[len(r.metrics)-1]
			if e := r.evaluations[len(r.evaluations)-1]; e.Update != last.Update || e.Lambda != last.Lambda {
				t.Errorf("lambda = %v in the evaluation after update %d, in the metrics %v after %d", e.Lambda,
					e.Update, last.Lambda, last.Update)
			}
			for what, got := range map[string]float64{"eta": last.Eta, "lambda": last.Lambda} {
				want := 0.0
				for _, v := range values.At(prefix + what) {
					want += float64(v) / float64(len(values.At(prefix+what)))
				}
				if math.Abs(got-want) > 1e-12 || got == map[string]float64{"eta": float64(float32(c.Eta)),
					"lambda": 0.5}[what] {
					t.Errorf("%s: %s = %v, its mean is %v", name, what, got, want)
				}
			}
			for _, lambda := range values.At(prefix + "lambda") {
				if lambda < 0 || lambda > 0.6000001 {
					t.Errorf("%s: lambda = %v", name, lambda)
				}
			}
		})
	}
}

// TestProjected checks that lambda stays within [0, lambda_max], whatever the gradient wants; eta is free.
func TestProjected(t *testing.T) {
	c := small(t, "default")
	c.LearningRate, c.LearningRateDecay, c.Lambda, c.LambdaMax = 0.2, 0, 0.5, 0.6
	_, r := train(t, backendtest.Open(t, backend.Go), c)
	moved := false
	for _, m := range r.metrics {
		if m.Lambda < 0 || m.Lambda > 0.6000001 {
			t.Errorf("lambda = %v at update %d", m.Lambda, m.Update)
		}
		moved = moved || m.Lambda == 0 || m.Lambda > 0.599
	}
	if !moved {
		t.Error("lambda never met a bound: the test tests nothing")
	}
}

// agentConfigs returns every cell, a variant, two layers and other heads, as changes of the default preset.
func agentConfigs() map[string]func(*Config) {
	changes := map[string]func(*Config){
		"dueling":             func(c *Config) { c.Dueling = true },
		"readout":             func(c *Config) { c.Readout = 7 },
		"readout and dueling": func(c *Config) { c.Readout, c.Dueling = 7, true },
		"variant": func(c *Config) {
			c.Plasticity, c.Form, c.MemoryBound = mpn.PlasticityPresynaptic, mpn.FormAdditive, 0.3
			c.EtaShape, c.LambdaShape = mpn.ShapeRow, mpn.ShapeFull
		},
		"two layers":           func(c *Config) { c.Layers = 2 },
		"two layers of lstm":   func(c *Config) { c.Layers, c.Cell = 2, "lstm" },
		"two layers of frozen": func(c *Config) { c.Layers, c.Cell = 2, "frozen" },
	}
	for _, cell := range CellNames() {
		changes[cell] = func(c *Config) { c.Cell = cell }
	}
	return changes
}

// TestAgentEqualsGraph compares acting in plain Go with the graph, over an episode.
func TestAgentEqualsGraph(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for cell, change := range agentConfigs() {
			c := preset(t, "default")
			change(&c)
			net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, 3), Actions: make([]string, 2)})
			if err != nil {
				t.Fatal(err)
			}
			const steps = 12
			rng := rand.New(rand.NewPCG(2, 2))
			weights, observations := net.Init(rng), make([]float32, steps*3)
			for i := range observations {
				observations[i] = rng.Float32()
			}
			exec, err := NewExec(b, func(in []*Node) *Node {
				return net.Q(net.Nodes(in[0]), in[1], OnesLike(ReduceSum(in[1], -1)), nil, 0).Values
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call(tensors.FromFlatDataAndDimensions(weights, 1, net.Size()),
				tensors.FromFlatDataAndDimensions(observations, 1, 1, steps, 3))
			if err != nil {
				t.Fatal(err)
			}
			want, err := tensors.CopyFlatData[float32](out[0])
			if err != nil {
				t.Fatal(err)
			}
			agent := NewAgent(net, weights)
			state := agent.NewState()
			for step := range steps {
				for a, q := range agent.Q(observations[3*step:3*step+3], state) {
					if difference := math.Abs(float64(q - want[2*step+a])); !(difference <= 1e-5) {
						t.Fatalf("%s: step %d: q[%d] = %v, the graph says %v", cell, step, a, q, want[2*step+a])
					}
				}
			}
			if n := testing.AllocsPerRun(100, func() { agent.Q(observations[:3], state) }); n != 0 {
				t.Errorf("%s: acting allocates %v times", cell, n)
			}
		}
	})
}

// TestEpisodes looks at what the actor stores: a trial's end terminates in trial episodes; in sessions only the
// time limit ends, by truncation, and the state is carried over the trials. With truncation_terminates that end is
// stored as a termination, and with return = trial a trial's end is, too, though the state is carried on.
func TestEpisodes(t *testing.T) {
	for _, kind := range []struct {
		name string
		flaw Flaw
		ends Return
	}{{"default", FlawNone, ""}, {"session", FlawNone, ReturnSession}, {"session", FlawNone, ReturnTrial},
		{"session", FlawTruncationTerminates, ReturnSession}} {
		t.Run(fmt.Sprintf("%+v", kind), func(t *testing.T) {
			c := small(t, kind.name)
			c.Flaw, c.Return = kind.flaw, kind.ends
			c.Environments, c.LearnAfter, c.ExplorationLadder = 1, 0, 0
			if c.TimeLimit > 0 {
				c.TimeLimit = 33
			}
			trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
			if err != nil {
				t.Fatal(err)
			}
			actor := trainer.members[0].actor
			batch, err := replay.NewBatch(1, c.Window+c.BurnIn+max(0, c.StateEvery-1), 3,
				actor.ring.Options().StateSize)
			if err != nil {
				t.Fatal(err)
			}
			window := replay.Window{Length: c.Window, BurnIn: c.BurnIn, End: c.WindowEnd, Start: c.Start}
			trials, ends := int64(0), 0
			for step := range 99 {
				trialsBefore := actor.tally.Trials
				if err := actor.step(0); err != nil {
					t.Fatal(err)
				}
				trialEnded := actor.tally.Trials > trialsBefore
				actor.ring.Window(window, actor.ring.Count()-1, batch, 0)
				terminated := batch.Discounts[len(batch.Discounts)-1] == 0
				reset := !slices.ContainsFunc(actor.states[0], func(x float32) bool { return x != 0 })
				if trialEnded {
					trials++
				}
				limit := step%33 == 32
				wantTerminated, wantReset := trialEnded, trialEnded
				if c.Episode == EpisodeSession {
					wantReset = limit
					wantTerminated = limit && kind.flaw != FlawNone || trialEnded && kind.ends == ReturnTrial
				}
				if terminated != wantTerminated || reset != wantReset {
					t.Fatalf("%+v, step %d: terminated %v, state reset %v, trial end %v, time limit %v", kind, step,
						terminated, reset, trialEnded, limit)
				}
				if reset {
					ends++
				}
			}
			if trials < 3 || ends < 3 {
				t.Errorf("%+v: %d trials and %d episodes ended: too few to see anything", kind, trials, ends)
			}
		})
	}
}

// TestStoredStates checks that the state that a window starts from is the one with which the agent met its first
// observation.
func TestStoredStates(t *testing.T) {
	c := small(t, "session")
	c.Environments, c.StateEvery, c.LearnAfter = 2, 3, 0
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
	if err != nil {
		t.Fatal(err)
	}
	actor := trainer.members[0].actor
	var met [][]float32 // by transition
	for range 50 {
		for _, state := range actor.states {
			met = append(met, slices.Clone(state))
		}
		if err := actor.step(0); err != nil {
			t.Fatal(err)
		}
	}
	sampler := trainer.members[0].windows
	batch := trainer.members[0].batch
	if err := sampler.Sample(batch, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	nonzero := 0
	for i := range batch.Size {
		first := batch.Indices[i] - int64(batch.Steps-slices.Index(batch.Valid[i*(batch.Steps+1):], 1)-1)*2
		start := batch.Start[i*batch.StateSize:][:batch.StateSize]
		if !slices.Equal(start, met[first]) {
			t.Fatalf("window %d starts at transition %d from another state", i, first)
		}
		if slices.ContainsFunc(start, func(x float32) bool { return x != 0 }) {
			nonzero++
		}
	}
	if nonzero == 0 {
		t.Error("every start state was zero: the test tests nothing")
	}
}

func TestEvaluateIsSeeded(t *testing.T) {
	c := small(t, "default")
	trainer, _ := train(t, backendtest.Open(t, backend.Go), c)
	policy, err := NewPolicy(c, trainer.Weights(0))
	if err != nil {
		t.Fatal(err)
	}
	evaluate := func(seed uint64) Evaluation {
		e, err := policy.Evaluate(context.Background(), 50, seed)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if evaluate(1) != evaluate(1) {
		t.Error("the same seed evaluated differently")
	}
	traces, err := policy.Rollout(context.Background(), 3, 1)
	if err != nil || len(traces) != 3 || len(traces[0].Q) != len(traces[0].Actions) || len(traces[0].States[0]) != 24 {
		t.Errorf("%d traces, %v", len(traces), err)
	}
	if _, err := policy.Evaluate(context.Background(), 0, 1); err == nil {
		t.Error("0 trials were evaluated")
	}
	if _, err := NewPolicy(c, trainer.Weights(0)[1:]); err == nil {
		t.Error("weights of another size were taken")
	}
}
