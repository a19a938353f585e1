package mpn

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Layers stacks two cells: the second reads h of the first. Its h is the second's; its state is the first's followed by
// the second's. Its methods panic if the second's input size is not the first's hidden size.
type Layers struct{ First, Second Cell }

// firstLayer and secondLayer are the prefixes of the layers' parameter names.
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

// firstState returns the size of the first layer's state.
func (c Layers) firstState() int {
	_, _, state := c.First.Sizes()
	return state
}

// Params implements Cell: the first layer's, named "1.W" and so on, and then the second's, "2.W".
func (c Layers) Params() []Param {
	c.Sizes() // panics if the layers do not fit
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

// Unroll implements Cell: the first layer over the whole window, then the second. At a padded step the second layer's
// input has no meaning and is not used.
func (c Layers) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	_, _, state := c.Sizes()
	first := c.First.Unroll(layerOf(params, firstLayer), x, valid, stateRange(start, 0, c.firstState()))
	second := c.Second.Unroll(layerOf(params, secondLayer), first.H, valid, stateRange(start, c.firstState(), state))
	return Unrolled{H: second.H, Final: joined(first.Final, second.Final),
		Gradient: byAutodiff(params, second.H, namesOf(c)...)}
}

// stateRange returns the range [from, to) of a state [K, B, S], or nil if it is empty or the state is nil.
func stateRange(state *Node, from, to int) *Node {
	if state == nil || from == to {
		return nil
	}
	return SliceAxis(state, -1, AxisRange(from, to))
}

// joined concatenates two states; either may be nil.
func joined(first, second *Node) *Node {
	if first == nil {
		return second
	}
	if second == nil {
		return first
	}
	return Concatenate([]*Node{first, second}, -1)
}

// layerOf returns the parameters of one layer, by their names without the prefix.
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
	c.Sizes() // panics if the layers do not fit
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
