package drqn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// TestHeads compares every head's values with the equations in plain Go, and its parameters' gradients with finite
// differences, in float64 and on both backends.
func TestHeads(t *testing.T) {
	for _, readout := range []int{0, 5} {
		for _, dueling := range []bool{false, true} {
			t.Run(fmt.Sprintf("readout %d, dueling %v", readout, dueling), func(t *testing.T) {
				backendtest.Each(t, func(t *testing.T, b compute.Backend) { testHead(t, b, readout, dueling) })
			})
		}
	}
}

func testHead(t *testing.T, b compute.Backend, readout int, dueling bool) {
	const hidden, actions = 4, 3
	c := preset(t, "default")
	c.Hidden, c.Readout, c.Dueling, c.InputSize = hidden, readout, dueling, 2
	net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, 2), Actions: make([]string, actions)})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(6, 6))
	params, h, towards := make([]float64, net.Size()), make([]float64, hidden), make([]float64, actions)
	for _, x := range [][]float64{params, h, towards} {
		for i := range x {
			x[i] = rng.NormFloat64()
		}
	}
	weigh := func(in []*Node) *Node { return ReduceAllSum(Mul(net.head(net.Nodes(in[0]), in[1]), in[2])) }
	exec, err := NewExec(b, func(in []*Node) []*Node {
		return []*Node{net.head(net.Nodes(in[0]), in[1]), Gradient(weigh(in), in[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	out := call(t, exec, []any{tensors.FromFlatDataAndDimensions(params, 1, net.Size()),
		tensors.FromFlatDataAndDimensions(h, 1, 1, 1, hidden), tensors.FromFlatDataAndDimensions(towards, 1, 1, 1,
			actions)})
	near(t, "q", flat(t, out[0]), net.slowHead(params, h), 1e-12)

	numeric := make([]float64, net.Size())
	sum := func(i int, step float64) (sum float64) {
		moved := append([]float64(nil), params...)
		moved[i] += step
		for a, q := range net.slowHead(moved, h) {
			sum += q * towards[a]
		}
		return sum
	}
	for i := range numeric {
		numeric[i] = (sum(i, 1e-6) - sum(i, -1e-6)) / 2e-6
	}
	near(t, "gradient", flat(t, out[1]), numeric, 1e-7)
	if norm := math.Abs(numeric[len(numeric)-1]); norm != 0 {
		t.Errorf("the projection is no part of the head, its gradient is %v", norm)
	}
}

// slowHead computes q_a = v + adv_a - mean adv, or q_a = adv_a without dueling, of h or of max(0, Wr h + br), one
// number at a time.
func (n *Network) slowHead(params, h []float64) []float64 {
	at := map[string][]float64{}
	for _, p := range n.Params() {
		at[p.Name], params = params[:p.Size()], params[p.Size():]
	}
	affine := func(w, b string, x []float64) []float64 {
		y := append([]float64(nil), at[b]...)
		for i := range y {
			for j := range x {
				y[i] += at[w][i*len(x)+j] * x[j]
			}
		}
		return y
	}
	if n.readout > 0 {
		h = affine("Wr", "br", h)
		for i := range h {
			h[i] = math.Max(0, h[i])
		}
	}
	q := affine("Wq", "bq", h)
	if !n.dueling {
		return q
	}
	mean := 0.0
	for _, advantage := range q {
		mean += advantage / float64(len(q))
	}
	for a := range q {
		q[a] += affine("Wv", "bv", h)[0] - mean
	}
	return q
}

// TestTrainable checks that the paper's counts for the cells leave out the readout, (H+1) R, and the values, (R or H)+1
// for each action.
func TestTrainable(t *testing.T) {
	for readout, want := range map[int]int{0: 64*11 + 2 + 2*65, 32: 64*11 + 2 + 65*32 + 2*33} {
		c := preset(t, "default")
		c.Readout = readout
		if got, err := c.Trainable(); err != nil || got != want {
			t.Errorf("readout %d: %d trainable parameters, %v; want %d", readout, got, err, want)
		}
		net, err := NewNetwork(c, tasks.Spec{Observations: make([]string, 3), Actions: make([]string, 2)})
		if err != nil || net.Trainable() != want {
			t.Errorf("readout %d: the network has %d, %v", readout, net.Trainable(), err)
		}
	}
}
