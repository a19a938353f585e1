package mpn

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Layers is a cell of two, of which the second reads h of the first. Its h is the second's; its state is the
// first's and then the second's. Where the second's input is not as large as the first's h, its methods panic.
type Layers struct{ First, Second Cell }

// firstLayer and secondLayer are what the names of the layers' parameters begin with.
const firstLayer, secondLayer = "1.", "2."

// Name implements Cell.
func (c Layers) Name() string { return c.First.Name() + "+" + c.Second.Name() }

// Sizes implements Cell.
func (c Layers) Sizes() (input, hidden, state int) {
	input, between, firstState := c.First.Sizes()
	reads, hidden, secondState := c.Second.Sizes()
	if reads != between {
		panic(fmt.Errorf("mpn: the second layer reads %d numbers, the first has %d hidden units", reads, between))
	}
	return input, hidden, firstState + secondState
}

// firstState is the size of the first layer's state.
func (c Layers) firstState() int {
	_, _, state := c.First.Sizes()
	return state
}

// Params implements Cell: the first layer's, named "1.W" and so on, and then the second's, "2.W".
func (c Layers) Params() []Param {
	c.Sizes() // which panics where the layers do not fit
	var params []Param
	for _, layer := range []struct {
		prefix string
		cell   Cell
	}{{firstLayer, c.First}, {secondLayer, c.Second}} {
		for _, p := range layer.cell.Params() {
			p.Name = layer.prefix + p.Name
			params = append(params, p)
		}
	}
	return params
}

// Unroll implements Cell: the one layer over the whole window, then the other. What the second reads at a padded
// step means nothing, and it does not look.
func (c Layers) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	_, _, state := c.Sizes()
	first := c.First.Unroll(layerOf(params, firstLayer), x, valid, stateRange(start, 0, c.firstState()))
	second := c.Second.Unroll(layerOf(params, secondLayer), first.H, valid, stateRange(start, c.firstState(), state))
	var names []string
	for _, p := range c.Params() {
		names = append(names, p.Name)
	}
	return Unrolled{H: second.H, Final: joined(first.Final, second.Final),
		Gradient: byAutodiff(params, second.H, names...)}
}

// stateRange is a range of a state [K, B, S]; nil where that is empty or the state is nil.
func stateRange(state *Node, from, to int) *Node {
	if state == nil || from == to {
		return nil
	}
	return SliceAxis(state, -1, AxisRange(from, to))
}

// joined are two states, either of which may be nil for none.
func joined(first, second *Node) *Node {
	if first == nil {
		return second
	}
	if second == nil {
		return first
	}
	return Concatenate([]*Node{first, second}, -1)
}

// layerOf are the parameters of one layer, by the names it knows.
func layerOf[V any, M ~map[string]V](params M, prefix string) M {
	layer := M{}
	for name, value := range params {
		if own, found := strings.CutPrefix(name, prefix); found {
			layer[own] = value
		}
	}
	return layer
}

// NewStepper implements Cell.
func (c Layers) NewStepper(params Values) Stepper {
	c.Sizes() // which panics where the layers do not fit
	_, between, _ := c.First.Sizes()
	return &layersStepper{
		first:      c.First.NewStepper(layerOf(params, firstLayer)),
		second:     c.Second.NewStepper(layerOf(params, secondLayer)),
		firstState: c.firstState(), between: make([]float32, between),
	}
}

type layersStepper struct {
	first, second Stepper
	firstState    int
	between       []float32 // h of the first layer
}

// Step implements Stepper.
func (s *layersStepper) Step(x, state, hidden []float32) {
	s.first.Step(x, state[:s.firstState], s.between)
	s.second.Step(s.between, state[s.firstState:], hidden)
}
