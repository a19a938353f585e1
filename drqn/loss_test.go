package drqn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
	"engram/replay"
)

// compute1 runs a graph of float64 inputs, each of the given shape, with one output.
func compute1(t *testing.T, b compute.Backend, build func(in []*Node) *Node, dims []int,
	inputs ...[]float64) []float64 {
	t.Helper()
	exec, err := NewExec(b, build)
	if err != nil {
		t.Fatal(err)
	}
	var in []any
	for _, data := range inputs {
		in = append(in, tensors.FromFlatDataAndDimensions(data, dims...))
	}
	out, err := exec.Call(in...)
	if err != nil {
		t.Fatal(err)
	}
	return flat(t, out[0])
}

// returns computes y_t of every t by its definition: it adds rewards one by one, up to n of them, until an episode
// terminates, the window ends or the next action is not to be followed.
func returns(values, rewards, continuation, follow []float64, gamma float64, n int) []float64 {
	y := make([]float64, len(rewards))
	for t := range y {
		discount := 1.0
		for s := t; ; s++ {
			y[t] += discount * rewards[s]
			discount *= gamma * continuation[s]
			if s == t+n-1 || s == len(rewards)-1 || follow[s+1] == 0 {
				y[t] += discount * values[s] // of the observation after step s
				break
			}
		}
	}
	return y
}

func TestTargets(t *testing.T) {
	const steps, gamma = 7, 0.9
	rng := rand.New(rand.NewPCG(4, 4))
	values, rewards, continuation := make([]float64, steps), make([]float64, steps), make([]float64, steps)
	for i := range steps {
		values[i], rewards[i], continuation[i] = rng.NormFloat64(), rng.NormFloat64(), 1
	}
	continuation[3] = 0 // an episode terminates within the window
	everywhere, here := slices.Repeat([]float64{1}, steps), []float64{0, 1, 1, 0, 1, 0, 1}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, n := range []int{1, 2, 3, 6, 7, 100} {
			targets := func(follow func(in []*Node) *Node) []float64 {
				return compute1(t, b, func(in []*Node) *Node {
					return Targets(in[0], in[1], in[2], Const(in[0].Graph(), [][][]float64{{{gamma}}}), follow(in), n)
				}, []int{1, 1, steps}, values, rewards, continuation, here)
			}
			near(t, "targets", targets(func([]*Node) *Node { return nil }),
				returns(values, rewards, continuation, everywhere, gamma, n), 1e-14)
			near(t, "targets that follow here and there", targets(func(in []*Node) *Node { return in[3] }),
				returns(values, rewards, continuation, here, gamma, n), 1e-14)
		}
	})
}

func TestGreedy(t *testing.T) {
	got := compute1(t, backendtest.Open(t, backend.Go), func(in []*Node) *Node {
		return Greedy(in[0], Const(in[0].Graph(), [][][]int32{{{0, 0, 1}}}))
	}, []int{1, 1, 4, 2}, []float64{2, 1, 1, 2, 3, 3, 0, 0})
	// best: 0, 1, 0 (the lowest of equal ones), then the last observation
	near(t, "greedy", got, []float64{1, 0, 0}, 0)
}

// A discount of 1 and no values: the targets of a whole window are the sums of the rewards to come.
func TestTargetsSumRewards(t *testing.T) {
	got := compute1(t, backendtest.Open(t, backend.Go), func(in []*Node) *Node {
		return Targets(ZerosLike(in[0]), in[0], OnesLike(in[0]), Const(in[0].Graph(), [][][]float64{{{1.0}}}), nil, 4)
	}, []int{1, 1, 4}, []float64{1, 0, 0, 2})
	near(t, "sums", got, []float64{3, 2, 2, 2}, 0)
}

func TestRescale(t *testing.T) {
	x := []float64{-300, -3, -0.01, 0, 0.01, 3, 300}
	// By hand: h(3) = sqrt(4) - 1 + 0.003 = 1.003; h is odd.
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		h := compute1(t, b, func(in []*Node) *Node { return Rescale(in[0]) }, []int{7}, x)
		near(t, "h(-3), h(0), h(3)", []float64{h[1], h[3], h[5]}, []float64{-1.003, 0, 1.003}, 1e-15)
		near(t, "the inverse", compute1(t, b, func(in []*Node) *Node { return Unscale(in[0]) }, []int{7}, h), x, 1e-12)
	})
}

// TestUnscaleInFloat32 compares the inverse in the learner's precision with formulas in float64, over all sizes of
// values: it is as accurate as float32 is.
func TestUnscaleInFloat32(t *testing.T) {
	var x []float32
	for i := range 2001 {
		x = append(x, float32(i-1000)/500)
	}
	for size := 1e-6; size < 1e6; size *= 1.7 {
		x = append(x, float32(size), float32(-size))
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		exec, err := NewExec(b, func(in []*Node) *Node { return Unscale(in[0]) })
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call(tensors.FromFlatDataAndDimensions(x, len(x)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range x {
			if want := oracle.Unscale(float64(h)); math.Abs(float64(got[i])-want) > 5e-7*math.Abs(want) {
				t.Fatalf("h^-1(%v) is %v, want %v", h, got[i], want)
			}
		}
	})
}

// The advantages' mean does not matter, and the value is the actions' mean value.
func TestDueling(t *testing.T) {
	got := compute1(t, backendtest.Open(t, backend.Go), func(in []*Node) *Node {
		return Dueling(Const(in[0].Graph(), [][][][]float64{{{{10}}}}), in[0])
	}, []int{1, 1, 1, 3}, []float64{101, 102, 106})
	near(t, "values", got, []float64{8, 9, 13}, 1e-14)
}

// trainedOn returns the state of a trainer after the given number of updates of a config.
func trainedOn(t *testing.T, updates int, change func(*Config)) (weights, target, first []float32) {
	t.Helper()
	c := small(t, "default")
	c.NStep, c.LearningRateDecay, c.ExplorationLadder = 1, 0, 0 // the plain form
	change(&c)
	c.Updates, c.EvalEvery, c.EvalTrials = updates, 0, 0
	trainer, _ := train(t, backendtest.Open(t, backend.Go), c)
	data := func(tensor *tensors.Tensor) []float32 {
		flat, err := tensors.CopyFlatData[float32](tensor)
		if err != nil {
			t.Fatal(err)
		}
		return flat
	}
	return slices.Clone(trainer.Weights(0)), data(trainer.learner.target), data(trainer.learner.first)
}

// untrained returns the small config with its network and initial weights.
func untrained(t *testing.T) (Config, *Network, []float32) {
	t.Helper()
	c := small(t, "default")
	net := planOf(t, c).net
	return c, net, net.Init(stream(c.Seed, streamWeights).Rand)
}

// The penalty adds its weight times the sign of each number in a matrix to the gradient, and nothing to the rest. Of
// the first update the first moment is a tenth of the gradient.
func TestL1(t *testing.T) {
	const weight = 0.01
	plain := func(c *Config) { c.ClipNorm = 1e6 }
	_, _, without := trainedOn(t, 1, plain)
	_, _, with := trainedOn(t, 1, func(c *Config) { plain(c); c.L1 = weight })
	c, net, initial := untrained(t)
	at, penalised := 0, 0
	for _, p := range net.Params() {
		for i := range p.Size() {
			if !p.Trainable {
				continue
			}
			want := 0.0
			if slices.Contains([]string{"W", "Wr", "Wq"}, p.Name) {
				want = math.Copysign(0.1*weight, float64(initial[at+i]))
				penalised++
			}
			if got := float64(with[at+i] - without[at+i]); math.Abs(got-want) > 1e-7 {
				t.Fatalf("%s[%d]: the moment changes by %v, want %v", p.Name, i, got, want)
			}
		}
		at += p.Size()
	}
	if want := c.Hidden*c.InputSize + c.Readout*(c.Hidden+2); penalised != want {
		t.Errorf("%d numbers are penalised, want %d", penalised, want)
	}
}

// Polyak averaging by its recursion: target_1 = (1 - mix) target_0 + mix online_1, where target_0 = online_0.
func TestTargetMix(t *testing.T) {
	const mix = 0.25
	change := func(c *Config) { c.TargetEvery, c.TargetMix = 1, mix }
	first, target, _ := trainedOn(t, 1, change)
	second, later, _ := trainedOn(t, 2, change)
	_, _, initial := untrained(t)
	for i := range target {
		one := (1-mix)*float64(initial[i]) + mix*float64(first[i])
		two := (1-mix)*one + mix*float64(second[i])
		if math.Abs(float64(target[i])-one) > 1e-6 || math.Abs(float64(later[i])-two) > 1e-6 {
			t.Fatalf("target[%d] = %v and then %v, want %v and %v", i, target[i], later[i], one, two)
		}
	}
}

// Options at their neutral value change no bit; away from it each changes the weights.
func TestNeutralOptions(t *testing.T) {
	plain, _, _ := trainedOn(t, 5, func(*Config) {})
	for name, change := range map[string]func(*Config){
		"n_step": func(c *Config) { c.NStep = 3 }, "greedy_traces": func(c *Config) {
			c.NStep, c.GreedyTraces = 3,
				true
		}, "rescale_values": func(c *Config) { c.RescaleValues = true },
		"l1": func(c *Config) { c.L1 = 1e-3 }, "priority_exponent": func(c *Config) {
			c.WindowEnd,
				c.PriorityExponent = replay.EndPrioritized, 0.6
		}, "learning_rate_decay": func(c *Config) { c.LearningRateDecay = 1 },
		"exploration_ladder": func(c *Config) { c.ExplorationLadder, c.ExplorationStart = 7, 0.9 },
		"target_mix":         func(c *Config) { c.TargetEvery, c.TargetMix = 1, 0.5 },
	} {
		t.Run(name, func(t *testing.T) {
			if changed, _, _ := trainedOn(t, 5, change); slices.Equal(changed, plain) {
				t.Errorf("%s changes nothing", name)
			}
		})
	}
	for name, neutral := range map[string]func(*Config){
		"n_step":             func(c *Config) { c.NStep = 1 },
		"exploration_ladder": func(c *Config) { c.ExplorationLadder = 7 }, // epsilon is 1, and 1 to any power is 1
		"target_mix":         func(c *Config) { c.TargetMix = 0.5 },       // no move within five updates
	} {
		t.Run(name, func(t *testing.T) {
			change := func(c *Config) { c.ExplorationEnd = 1; neutral(c) }
			plain, _, _ := trainedOn(t, 5, func(c *Config) { c.ExplorationEnd = 1 })
			if changed, _, _ := trainedOn(t, 5, change); !slices.Equal(changed, plain) {
				t.Errorf("%s is not neutral", name)
			}
		})
	}
}

// The priorities that reach the ring are those of the update's TD errors at the steps with loss.
func TestPriorities(t *testing.T) {
	c := small(t, "default")
	c.WindowEnd, c.PriorityExponent, c.ImportanceExponent = replay.EndPrioritized, 0.6, 0.4
	trainer, r := train(t, backendtest.Open(t, backend.Go), c)
	m := trainer.members[0]
	// Each window's priority, by its definition, from the errors of the update.
	for i, got := range m.urgency {
		largest, sum, n := 0.0, 0.0, 0.0
		for s, mask := range m.batch.LossMask[i*m.batch.Steps:][:m.batch.Steps] {
			if mask == 1 {
				td := math.Abs(float64(trainer.learner.errors[i*m.batch.Steps+s]))
				largest, sum, n = max(largest, td), sum+td, n+1
			}
		}
		if want := 0.9*largest + 0.1*sum/n; math.Abs(got-want) > 1e-12 || got <= 0 {
			t.Errorf("window %d has priority %v, want %v", i, got, want)
		}
	}
	if beta := c.Beta(int64(c.Updates)); beta != 1 {
		t.Errorf("beta at the end is %v, want 1", beta)
	}
	last := r.metrics[len(r.metrics)-1]
	if math.IsNaN(last.Loss) || last.Loss <= 0 {
		t.Errorf("loss %v", last.Loss)
	}
}

// Importance weights of 1 change no bit of an update, and those of a half give half the loss.
func TestImportanceWeights(t *testing.T) {
	c := small(t, "default")
	trainer, _ := train(t, backendtest.Open(t, backend.Go), c)
	m, initial := trainer.members[0], slices.Clone(trainer.Weights(0))
	update := func(rule Rule, weight float32) (Stats, []float32) {
		rule.NStep = 1
		for i := range m.batch.Weights {
			m.batch.Weights[i] = weight
		}
		l, err := NewLearner(backendtest.Open(t, backend.Go), trainer.Network(), []Hyper{c.hyper()}, rule, initial)
		if err != nil {
			t.Fatal(err)
		}
		stats, err := l.Update(m.batch)
		if err != nil {
			t.Fatal(err)
		}
		return stats[0], slices.Clone(l.Weights(0))
	}
	plain, want := update(Rule{}, 7) // which a rule without priorities does not read
	one, got := update(Rule{Prioritized: true}, 1)
	if one != plain || !slices.Equal(got, want) {
		t.Errorf("with weights of 1: %+v, without: %+v", one, plain)
	}
	half, _ := update(Rule{Prioritized: true}, 0.5)
	if math.Abs(half.Loss-plain.Loss/2) > 1e-7*plain.Loss {
		t.Errorf("with weights of a half the loss is %v, not half of %v", half.Loss, plain.Loss)
	}
}
