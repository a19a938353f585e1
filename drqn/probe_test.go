package drqn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
	"engram/mpn"
	"engram/replay"
)

// probed is a probe with two networks' weights and a batch of its own experience.
type probed struct {
	*Probe
	weights, target []float64
	batch           *replay.Batch
	renewing        []float64 // weights that renew the state before the window; nil: those that read it
}

func probe(t *testing.T, b compute.Backend, name string, change func(*Config)) probed {
	t.Helper()
	c := small(t, name)
	c.NStep, c.Window = 1, 11
	change(&c)
	p, err := NewProbe(b, c)
	if err != nil {
		t.Fatal(err)
	}
	r := probed{Probe: p, weights: p.Initial(1), target: p.Initial(2)}
	windows, err := p.Experience(r.weights, 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	if r.batch, err = windows.NewBatch(3); err != nil {
		t.Fatal(err)
	}
	if err := windows.Sample(r.batch, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(r.batch.Valid, 0) {
		t.Fatal("no window is padded")
	}
	return r
}

// slowQ computes the values of a row's observations, one number at a time, [T+1][A]; those that only renew the state
// have none.
func (p probed) slowQ(renewing, weights []float64, window int) [][]float64 {
	warm := p.rule.Warm
	_, renewed := p.slowRun(renewing, window, 0, warm, nil)
	q, _ := p.slowRun(weights, window, warm, p.batch.Steps+1, renewed)
	return slices.Concat(make([][]float64, warm), q)
}

// slowRun computes the values of observations from to to of a window, and M after them, [H][I].
func (p probed) slowRun(weights []float64, window, from, to int, start [][]float64) (q, m [][]float64) {
	b := p.batch.Rows(window, window+1)
	values := map[string][]float64{}
	for _, param := range p.Params() {
		values[param.Name], weights = weights[:param.Size()], weights[param.Size():]
	}
	matrixOf := func(name string) [][]float64 {
		return rows(values[name], len(values[name])/p.columns(name), p.columns(name))
	}
	var x [][]float64
	for _, o := range rows(float64s(b.Observations), b.Steps+1, b.ObservationSize) {
		x = append(x, oracle.Affine(matrixOf("W_rand"), values["b_rand"], o))
	}
	valid := make([]bool, b.Steps+1)
	for t := range valid {
		valid[t] = b.Valid[t] == 1
	}
	cell := oracle.Cell{W: matrixOf("W"), B: values["b"], Eta: values["eta"][0], Lambda: values["lambda"][0]}
	valid = valid[from:to]
	hs, m := cell.Run(x[from:to], valid, start)
	q = make([][]float64, len(hs))
	for t, h := range hs {
		if _, readout := values["Wr"]; readout {
			h = oracle.Affine(matrixOf("Wr"), values["br"], h)
			rectify(h)
		}
		if valid[t] {
			q[t] = oracle.Affine(matrixOf("Wq"), values["bq"], h)
		}
	}
	return q, m
}

func (p probed) columns(name string) int {
	i := slices.IndexFunc(p.Params(), func(q mpn.Param) bool { return q.Name == name })
	return p.Params()[i].Shape[1]
}

// slowLoss returns the loss and its terms by the oracle.
func (p probed) slowLoss(weights []float64) (loss float64, windows []oracle.Row) {
	renewing := weights
	if p.renewing != nil {
		renewing = p.renewing
	}
	for i := range p.batch.Size {
		b := p.batch.Rows(i, i+1)
		r := oracle.Row{Q: p.slowQ(renewing, weights, i), QTarget: p.slowQ(p.target, p.target, i),
			Rewards: float64s(b.Rewards)}
		for t := range b.Steps {
			r.Actions = append(r.Actions, int(b.Actions[t]))
			r.Terminated = append(r.Terminated, b.Discounts[t] == 0)
			r.Mask = append(r.Mask, b.LossMask[t] == 1)
		}
		windows = append(windows, r)
	}
	return oracle.Loss(windows, func(r oracle.Row, t int) float64 { return r.Target(t, p.config.Gamma) }), windows
}

func TestProbeTerms(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := probe(t, b, "default", func(*Config) {})
		got, loss, err := p.Terms(p.weights, p.target, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		want, windows := p.slowLoss(p.weights)
		near(t, "loss", []float64{loss}, []float64{want}, 1e-12)
		for i, r := range windows {
			for s := range r.Actions {
				if got[i].Mask[s] == 1 != r.Mask[s] {
					t.Fatalf("window %d, step %d: mask %v", i, s, got[i].Mask[s])
				}
				if !r.Mask[s] {
					continue
				}
				y, taken := r.Target(s, p.config.Gamma), r.Q[s][r.Actions[s]]
				near(t, "values", slices.Concat(got[i].Q[s], got[i].QTarget[s+1]),
					slices.Concat(r.Q[s], r.QTarget[s+1]), 1e-12)
				near(t, "taken, target, error, loss", []float64{got[i].Taken[s], got[i].Targets[s], got[i].Errors[s],
					got[i].Losses[s]},
					[]float64{taken, y, taken - y, oracle.Huber(taken - y)}, 1e-12)
			}
		}
	})
}

func TestProbeGradient(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := probe(t, b, "default", func(c *Config) { c.ClipNorm = 1e-3 })
		got, err := p.Gradient(p.weights, p.target, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		trained := p.weights[:p.net.Trainable()]
		want := oracle.Gradient(func() float64 { loss, _ := p.slowLoss(p.weights); return loss }, trained)
		near(t, "gradient", got.Learner, want, 1e-8)
		near(t, "autodiff", got.Autodiff, got.Learner, 1e-12)
		clipped := slices.Clone(got.Learner)
		near(t, "norm", []float64{got.Norm}, []float64{oracle.Clip(clipped, p.config.ClipNorm)}, 1e-12)
		near(t, "clipped", got.Clipped, clipped, 1e-12)

		steps, err := p.StepByStep()
		if err != nil {
			t.Fatal(err)
		}
		other, err := steps.Gradient(p.weights, p.target, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "gradient step by step", other.Learner, got.Learner, 1e-12)
	})
}

// The probe shows what a learner does: the same loss and norm, to single precision.
func TestProbeIsALearner(t *testing.T) {
	b := backendtest.Open(t, "go")
	for _, name := range []string{"default", "session"} {
		p := probe(t, b, name, func(*Config) {})
		l, err := NewLearner(b, p.net, []Hyper{p.hyper}, p.rule, float32s(p.weights))
		if err != nil {
			t.Fatal(err)
		}
		stats, err := l.Update(p.batch)
		if err != nil {
			t.Fatal(err)
		}
		_, loss, err := p.Terms(p.weights, p.weights, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		g, err := p.Gradient(p.weights, p.weights, p.batch)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+": loss and norm", []float64{stats[0].Loss, stats[0].GradientNorm}, []float64{loss, g.Norm}, 1e-5)
	}
}

// Each entry by finite differences of the oracle; zeros are exact.
func TestSensitivity(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		p := probe(t, b, "default", func(*Config) {})
		for window := range p.batch.Size {
			got, err := p.Sensitivity(p.weights, p.batch, window)
			if err != nil {
				t.Fatal(err)
			}
			row := p.batch.Rows(window, window+1)
			for step := range row.Steps {
				for s := range row.Steps {
					if s > step || row.Valid[step] == 0 || row.Valid[s] == 0 {
						if got[step][s] != 0 {
							t.Fatalf("window %d: step %d changes by %v with step %d, want exactly 0", window, step,
								got[step][s], s)
						}
						continue
					}
					near(t, "sensitivity", []float64{got[step][s]}, []float64{p.slowSensitivity(window, step, s)}, 1e-6)
				}
			}
		}
	})
}

// slowSensitivity returns the norm of the gradient of q_t(a_t) by o_s, by central differences with a step that
// float32, the type of a batch's observations, holds exactly.
func (p probed) slowSensitivity(window, step, s int) float64 {
	const h = 1.0 / 1024
	row := p.batch.Rows(window, window+1)
	sum := 0.0
	for i := range row.ObservationSize {
		o := &row.Observations[s*row.ObservationSize+i]
		at := *o
		taken := func(x float32) float64 {
			*o = x
			return p.slowQ(p.weights, p.weights, window)[step][row.Actions[step]]
		}
		slope := (taken(at+h) - taken(at-h)) / (2 * h)
		*o = at
		sum += slope * slope
	}
	return math.Sqrt(sum)
}

func TestProbeRefuses(t *testing.T) {
	b := backendtest.Open(t, "go")
	p := probe(t, b, "default", func(*Config) {})
	if _, err := p.Sensitivity(p.weights, p.batch, 3); err == nil ||
		!strings.Contains(err.Error(), "window 3 of a batch of 3") {
		t.Errorf("error %v does not name the window", err)
	}
	if _, _, err := p.Terms(p.weights[1:], p.target, p.batch); err == nil || !strings.Contains(err.Error(), "weights") {
		t.Errorf("error %v does not name the weights", err)
	}
	gru := probe(t, b, "default", func(c *Config) { *c = asGRU(*c) })
	if _, err := gru.StepByStep(); err == nil || !strings.Contains(err.Error(), "gru") {
		t.Errorf("error %v does not name the cell", err)
	}
	if _, err := NewProbe(b, Config{}); err == nil {
		t.Error("an empty config is no error")
	}
}
