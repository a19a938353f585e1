package drqn

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// golden is testdata/golden.json: the results of PyTorch for the same equations (see golden.py).
type golden struct {
	MadeBy string                         `json:"made_by"`
	Gamma  float64                        `json:"gamma"`
	Shapes struct{ B, T, O, I, H, A int } `json:"shapes"`
	Adam   struct {
		LearningRate float64 `json:"learning_rate"`
	} `json:"adam"`
	Projection, Online map[string]jsonNumbers
	Target             map[string]jsonNumbers
	Cases              map[string]goldenCase
	Gain               float64
	Gated              map[ForgetGate]struct { // networks with gates, and their cases
		Online, Target map[string]jsonNumbers
		Cases          map[string]goldenCase
	}
}

// ofGate returns the networks and cases of a gate in the place of the others, and their network.
func (g golden) ofGate(t *testing.T, gate ForgetGate) (golden, *Network) {
	of := g.Gated[gate]
	g.Online, g.Target, g.Cases = of.Online, of.Target, of.Cases
	return g, g.network(t, gate)
}

// network returns the network of the golden file with a gate.
func (g golden) network(t *testing.T, gate ForgetGate) *Network {
	t.Helper()
	c := preset(t, "default")
	c.Hidden, c.Readout, c.InputSize = g.Shapes.H, 0, g.Shapes.I
	c.ForgetGate, c.ForgetGain = gate, g.Gain
	net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, g.Shapes.O), Actions: make([]string, g.Shapes.A)})
	if err != nil {
		t.Fatal(err)
	}
	return net
}

type goldenCase struct {
	MaxNorm      float64 `json:"max_norm"`
	Observations jsonNumbers
	Valid        jsonNumbers
	Actions      jsonNumbers
	Rewards      jsonNumbers
	Terminated   jsonNumbers
	EndsReturn   jsonNumbers `json:"ends_return"` // missing where returns end with episodes alone
	LossMask     jsonNumbers `json:"loss_mask"`
	Start        jsonNumbers
	Targets      jsonNumbers
	Loss         float64
	Grads        map[string]jsonNumbers
	GradNorm     float64                `json:"grad_norm"`
	GradsClipped map[string]jsonNumbers `json:"grads_clipped"`
	Updates      []struct {
		Step   int
		M, V   map[string]jsonNumbers
		Params map[string]jsonNumbers
		MAfter map[string]jsonNumbers `json:"m_after"`
		VAfter map[string]jsonNumbers `json:"v_after"`
	}
}

// jsonNumbers is a JSON number, boolean or nested list of them, flattened.
type jsonNumbers []float64

func (n *jsonNumbers) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	n.add(value)
	return nil
}

func (n *jsonNumbers) add(value any) {
	switch v := value.(type) {
	case float64:
		*n = append(*n, v)
	case bool:
		if v {
			*n = append(*n, 1)
		} else {
			*n = append(*n, 0)
		}
	case []any:
		for _, item := range v {
			n.add(item)
		}
	}
}

func loadGolden(t *testing.T) (golden, *Network) {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g, g.network(t, ForgetNone)
}

// vector puts named numbers in the network's order; it leaves out missing names.
func vector(net *Network, parts ...map[string]jsonNumbers) []float64 {
	var flat []float64
	for _, p := range net.Params() {
		for _, part := range parts {
			flat = append(flat, part[p.Name]...)
		}
	}
	return flat
}

// inputs returns what Learner.step reads, in float64, for a case: with the golden file's gamma, and Adam's state of an
// update.
func (g golden) inputs(net *Network, c goldenCase, update int) []any {
	s := g.Shapes
	tensor := func(data []float64, dims ...int) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(data, append([]int{1}, dims...)...)
	}
	actions := make([]int32, len(c.Actions))
	for i, a := range c.Actions {
		actions[i] = int32(a)
	}
	continuation := make([]float64, len(c.Terminated))
	for i, terminated := range c.Terminated {
		continuation[i] = 1 - terminated
	}
	for i, ends := range c.EndsReturn {
		continuation[i] *= 1 - ends
	}
	u := c.Updates[update]
	step := float64(u.Step + 1)
	hyper := []float64{g.Adam.LearningRate, g.Gamma, 1, c.MaxNorm, 1 - math.Pow(adamBeta1, step),
		1 - math.Pow(adamBeta2, step), 0, 0}
	return []any{
		tensor(vector(net, g.Online, g.Projection), net.Size()), tensor(vector(net, g.Target), net.Trainable()),
		tensor(vector(net, u.M), net.Trainable()), tensor(vector(net, u.V), net.Trainable()), tensor(hyper, 8),
		tensor(c.Observations, s.B, s.T+1, s.O), tensor(c.Valid, s.B, s.T+1),
		tensors.FromFlatDataAndDimensions(actions, 1, s.B, s.T),
		tensor(c.Rewards, s.B, s.T), tensor(continuation, s.B, s.T), tensor(c.LossMask, s.B, s.T),
		tensor(c.Start, s.B, s.H*s.I),
	}
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}

func flat(t *testing.T, tensor *tensors.Tensor) []float64 {
	t.Helper()
	data, err := tensors.CopyFlatData[float64](tensor)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// flaws of the golden file's cases; the others have none.
var flaws = map[string]Flaw{"off_by_one": FlawShiftedTarget, "never_bootstraps": FlawNoFinalBootstrap}

// TestGolden compares the compiled train step, whole, with PyTorch: the loss, the gradient norm, Adam's moments
// (of the first update they are the clipped gradient) and the new weights; of each flaw as well, which another rule's
// loss is far from.
func TestGolden(t *testing.T) {
	g, net := loadGolden(t)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		step := map[Flaw]*Exec{}
		for _, flaw := range []Flaw{FlawNone, FlawShiftedTarget, FlawNoFinalBootstrap} {
			l := &Learner{net: net, hyper: make([]Hyper, 1), rule: Rule{NStep: 1, Stored: true, Flaw: flaw}}
			var err error
			if step[flaw], err = NewExec(b, l.step); err != nil {
				t.Fatal(err)
			}
		}
		tested := 0
		for name, c := range g.Cases {
			flaw := cmp.Or(flaws[name], FlawNone)
			for update, u := range c.Updates {
				tested++
				out := call(t, step[flaw], g.inputs(net, c, update))
				near(t, name+": loss and norm", flat(t, out[4])[:2], []float64{c.Loss, c.GradNorm}, 1e-12)
				near(t, name+": first moment", flat(t, out[2]), vector(net, u.MAfter), 1e-12)
				near(t, name+": second moment", flat(t, out[3]), vector(net, u.VAfter), 1e-12)
				near(t, name+": weights", flat(t, out[0]), vector(net, u.Params, g.Projection), 1e-10)
				near(t, name+": target", flat(t, out[1]), vector(net, g.Target), 0)
			}
			if flaw != FlawNone {
				right := flat(t, call(t, step[FlawNone], g.inputs(net, c, 0))[4])[0]
				if math.Abs(right-c.Loss) < 1e-3 {
					t.Errorf("%s: the loss without the flaw is %v, too", name, right)
				}
			}
		}
		if tested < 10 {
			t.Errorf("%d updates of %s tested, want 10", tested, g.MadeBy)
		}
	})
}

// TestGoldenGates compares the compiled train step of networks with gates, and returns that end within the window, with
// PyTorch.
func TestGoldenGates(t *testing.T) {
	all, _ := loadGolden(t)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, gate := range []ForgetGate{ForgetScalar, ForgetRow} {
			g, net := all.ofGate(t, gate)
			l := &Learner{net: net, hyper: make([]Hyper, 1), rule: Rule{NStep: 1, Stored: true, Flaw: FlawNone}}
			step, err := NewExec(b, l.step)
			if err != nil {
				t.Fatal(err)
			}
			c := g.Cases["trial_ends"]
			if len(c.Updates) != 2 || len(c.EndsReturn) != len(c.Terminated) {
				t.Fatalf("%s: %d updates, %d ends", gate, len(c.Updates), len(c.EndsReturn))
			}
			for update, u := range c.Updates {
				out := call(t, step, g.inputs(net, c, update))
				near(t, "loss and norm", flat(t, out[4])[:2], []float64{c.Loss, c.GradNorm}, 1e-12)
				near(t, "first moment", flat(t, out[2]), vector(net, u.MAfter), 1e-12)
				near(t, "second moment", flat(t, out[3]), vector(net, u.VAfter), 1e-12)
				near(t, "weights", flat(t, out[0]), vector(net, u.Params, g.Projection), 1e-10)
			}
			goesOn := c
			goesOn.EndsReturn = nil
			if loss := flat(t, call(t, step, g.inputs(net, goesOn, 0))[4])[0]; math.Abs(loss-c.Loss) < 1e-3 {
				t.Errorf("%s: the loss of returns that go on is %v, too", gate, loss)
			}
		}
	})
}

func call(t *testing.T, exec *Exec, in []any) []*tensors.Tensor {
	t.Helper()
	out, err := exec.Call(in...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
