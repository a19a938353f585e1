package mpn

import (
	"fmt"
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

// Param describes one parameter of one member.
type Param struct {
	Name  string
	Shape []int // without the population axis
	// Init writes the initial value; it may draw from rng.
	Init func(rng *rand.Rand, dst []float32)
	// Trainable parameters get gradients; the others keep their initial value.
	Trainable bool
	// Weight marks a matrix of slow weights. The L1 penalty sums over these; biases, eta and lambda are excluded.
	Weight bool
	// Projected parameters are projected to [0, lambda_max] after each update. Clipping inside the graph would give a
	// zero gradient outside the bounds, and the parameter would stay there.
	Projected bool
}

// Size returns the number of floats.
func (p Param) Size() int {
	size := 1
	for _, dim := range p.Shape {
		size *= dim
	}
	return size
}

// AffineParams returns the parameters of W x + b, named w and b: W [output, input], initially Xavier-uniform, and b
// [output], initially zero. Both are trained.
func AffineParams(w, b string, input, output int) []Param {
	return []Param{
		{Name: w, Shape: []int{output, input}, Init: XavierUniform(input, output), Trainable: true, Weight: true},
		{Name: b, Shape: []int{output}, Init: Constant(0), Trainable: true},
	}
}

// XavierUniform returns an initialiser that draws from U(-k, k), k = sqrt(6 / (fanIn + fanOut)) (Glorot & Bengio 2010,
// eq. 16).
func XavierUniform(fanIn, fanOut int) func(*rand.Rand, []float32) {
	return Uniform(math.Sqrt(6 / float64(fanIn+fanOut)))
}

// Uniform returns an initialiser that draws from U(-limit, limit).
func Uniform(limit float64) func(*rand.Rand, []float32) {
	return func(rng *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(limit * (2*rng.Float64() - 1))
		}
	}
}

// Normal returns an initialiser that draws from N(0, deviation^2).
func Normal(deviation float64) func(*rand.Rand, []float32) {
	return func(rng *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(deviation * rng.NormFloat64())
		}
	}
}

// Constant returns an initialiser that sets every element to value.
func Constant(value float64) func(*rand.Rand, []float32) {
	return func(_ *rand.Rand, dst []float32) {
		for i := range dst {
			dst[i] = float32(value)
		}
	}
}

// Layout is the order of parameters in one vector [P]: trainable ones first.
type Layout struct {
	params          []Param
	trainable, size int
}

// NewLayout returns the layout of a member's parameters.
func NewLayout(params []Param) Layout {
	var l Layout
	for _, trainable := range []bool{true, false} {
		for _, p := range params {
			if p.Trainable == trainable {
				l.params = append(l.params, p)
				l.size += p.Size()
			}
		}
		if trainable {
			l.trainable = l.size
		}
	}
	return l
}

// Params lists the parameters in the vector's order.
func (l Layout) Params() []Param { return l.params }

// Size returns P, the number of values in a member's vector.
func (l Layout) Size() int { return l.size }

// Trainable returns the number of trainable values, which come first in the vector.
func (l Layout) Trainable() int { return l.trainable }

// Init draws initial values [P]. It draws them on the host because random numbers differ between backends.
func (l Layout) Init(rng *rand.Rand) []float32 {
	flat := make([]float32, l.size)
	values := l.Values(flat)
	for _, p := range l.params {
		p.Init(rng, values[p.Name])
	}
	return flat
}

// Values returns the parameters in a member's vector [P] by name, sharing its memory.
func (l Layout) Values(flat []float32) Values {
	values, at := Values{}, 0
	for _, p := range l.params {
		values[p.Name] = flat[at : at+p.Size() : at+p.Size()]
		at += p.Size()
	}
	return values
}

// Nodes returns the parameters in vectors [K, P] by name, each [K, ...].
func (l Layout) Nodes(flat *Node) Nodes {
	members := flat.Shape().Dimensions[0]
	byName := Nodes{}
	at := 0
	for _, p := range l.params {
		view := SliceAxis(flat, 1, AxisRange(at, at+p.Size()))
		byName[p.Name] = Reshape(view, append([]int{members}, p.Shape...)...)
		at += p.Size()
	}
	return byName
}

// Nodes are parameters as graph nodes, by name, each with a leading population axis K.
type Nodes map[string]*Node

// At returns the named parameter. It panics if the name is unknown.
func (n Nodes) At(name string) *Node {
	node, found := n[name]
	if !found {
		panic(fmt.Errorf("mpn: no parameter %q among %d", name, len(n)))
	}
	return node
}

// Values are one member's parameters on the host, by name.
type Values map[string][]float32

// At returns the named parameter. It panics if the name is unknown.
func (v Values) At(name string) []float32 {
	value, found := v[name]
	if !found {
		panic(fmt.Errorf("mpn: no parameter %q among %d", name, len(v)))
	}
	return value
}
