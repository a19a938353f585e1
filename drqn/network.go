package drqn

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"engram/mpn"
	"engram/tasks"
)

// Network is the shape of a Q-network: a fixed random projection (or none), a recurrent cell and a head that turns its
// activity into action values. It holds no weights: those of one member are one vector [P], in the Layout's order.
type Network struct {
	Observation, Actions int
	mpn.Layout
	cell               mpn.Cell
	readout            int // R; 0: none
	projected, dueling bool
}

// NewNetwork returns the network of a config for an environment with the given spec.
func NewNetwork(c Config, spec tasks.Spec) (*Network, error) {
	n := &Network{Observation: len(spec.Observations), Actions: len(spec.Actions),
		projected: c.Input == InputProjection, readout: c.Readout, dueling: c.Dueling}
	input := n.Observation
	if n.projected {
		input = c.InputSize
	}
	ends := n.ends(input, c.Hidden)
	var err error
	if n.cell, err = c.cell(input); err != nil {
		return nil, err
	}
	n.Layout = mpn.NewLayout(append(n.cell.Params(), ends...))
	return n, nil
}

// ends returns the parameters before and after the cell.
func (n *Network) ends(input, hidden int) []mpn.Param {
	var params []mpn.Param
	if n.readout > 0 {
		params = append(params, mpn.AffineParams("Wr", "br", hidden, n.readout)...)
		hidden = n.readout
	}
	params = append(params, mpn.AffineParams("Wq", "bq", hidden, n.Actions)...)
	if n.dueling {
		params = append(params, mpn.AffineParams("Wv", "bv", hidden, 1)...)
	}
	if n.projected {
		params = append(params,
			mpn.Param{Name: "W_rand", Shape: []int{input, n.Observation},
				Init: mpn.Normal(1 / math.Sqrt(float64(n.Observation)))},
			mpn.Param{Name: "b_rand", Shape: []int{input}, Init: mpn.Normal(0.5)})
	}
	return params
}

// StateSize returns the size S of the recurrent state.
func (n *Network) StateSize() int {
	_, _, state := n.cell.Sizes()
	return state
}

// Tensor is one named parameter of an agent.
type Tensor struct {
	Name  string
	Shape []int     // empty: a scalar
	Data  []float32 // row-major
}

// Tensors returns the parameters in a member's vector [P] with names and shapes, in their order and sharing its
// memory.
func (n *Network) Tensors(flat []float32) []Tensor {
	values := n.Values(flat)
	list := make([]Tensor, len(n.Params()))
	for i, p := range n.Params() {
		list[i] = Tensor{p.Name, p.Shape, values[p.Name]}
	}
	return list
}

// Q holds the values that a network computes for a batch, with what the gradient by its parameters needs.
type Q struct {
	Values *Node // [K, B, T, A]
	params mpn.Nodes
	cell   mpn.Unrolled
}

// Q reads observations [K, B, T, O] from start [K, B, S] (nil: zero). The first warm steps only renew the state: no
// gradient passes them, and their values are 0.
func (n *Network) Q(params mpn.Nodes, observations, valid, start *Node, warm int) Q {
	x := observations
	if n.projected {
		x = Project(params, observations)
	}
	if warm == 0 {
		cell := n.cell.Unroll(params, x, valid, start)
		return Q{n.head(params, cell.H), params, cell}
	}
	before, after := AxisRange(0, warm), AxisRange(warm)
	renewed := n.cell.Unroll(params, SliceAxis(x, 2, before), SliceAxis(valid, 2, before), start).Final
	cell := n.cell.Unroll(params, SliceAxis(x, 2, after), SliceAxis(valid, 2, after), StopGradient(renewed))
	values := n.head(params, cell.H)
	none := values.Shape().Clone()
	none.Dimensions[2] = warm
	return Q{Concatenate([]*Node{Zeros(values.Graph(), none), values}, 2), params, cell}
}

// gradient returns the gradient of a scalar loss of q by the trainable parameters, in their order, [K, trainable].
func (n *Network) gradient(loss *Node, q Q) *Node {
	names := n.headNames()
	nodes := []*Node{q.cell.H}
	for _, name := range names {
		nodes = append(nodes, q.params.At(name))
	}
	head := Gradient(loss, nodes...)
	gradients := q.cell.Gradient(head[0])
	for i, name := range names {
		gradients[name] = head[1+i]
	}
	var flat []*Node
	for _, p := range n.Params() {
		if g := gradients[p.Name]; p.Trainable {
			flat = append(flat, Reshape(g, g.Shape().Dimensions[0], -1))
		}
	}
	return Concatenate(flat, 1)
}

// Project computes x = W_rand o + b_rand, [K, B, T, I]. It is fixed; its bias gives the cell an input to read its
// memory with where a task shows nothing, as in the response period of most NeuroGym tasks.
func Project(params mpn.Nodes, observations *Node) *Node {
	return affine(params.At("W_rand"), params.At("b_rand"), observations)
}

// headNames lists the parameters after the cell.
func (n *Network) headNames() []string {
	names := []string{"Wq", "bq"}
	if n.readout > 0 {
		names = append(names, "Wr", "br")
	}
	if n.dueling {
		names = append(names, "Wv", "bv")
	}
	return names
}

// head returns the values of the actions given h, [K, B, T, A].
func (n *Network) head(params mpn.Nodes, h *Node) *Node {
	if n.readout > 0 {
		h = Readout(params, h)
	}
	q := Head(params, h)
	if n.dueling {
		q = Dueling(affine(params.At("Wv"), params.At("bv"), h), q)
	}
	return q
}

// Readout computes max(0, Wr h + br), [K, B, T, R]. With it a value may peak in the middle of what h passes through
// steadily, as the value of a press at the right moment does.
func Readout(params mpn.Nodes, h *Node) *Node {
	return MaxScalar(affine(params.At("Wr"), params.At("br"), h), 0)
}

// Dueling computes q_a = v + adv_a - mean adv (Wang et al. 2016, eq. 9), given the state's value v [K, B, T, 1] and
// the actions' advantages [K, B, T, A].
func Dueling(value, advantages *Node) *Node {
	return Add(value, Sub(advantages, ReduceAndKeep(advantages, ReduceMean, -1)))
}

// Head computes q = Wq h + bq, [K, B, T, A].
func Head(params mpn.Nodes, h *Node) *Node {
	return affine(params.At("Wq"), params.At("bq"), h)
}

// affine computes W x + b over the last axis of x [K, B, T, i], with W [K, o, i] and b [K, o].
func affine(w, b, x *Node) *Node {
	return Add(Einsum("kbti,koi->kbto", x, w), InsertAxes(b, 1, 1))
}
