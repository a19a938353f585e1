package mpn

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Plasticity selects the matrix that a step writes into M, times eta.
type Plasticity string

// The kinds of plasticity.
const (
	PlasticityHebbian      Plasticity = "hebbian"      // h_t x_t^T
	PlasticityPresynaptic  Plasticity = "presynaptic"  // 1 x_t^T: M_ij depends on x_j alone
	PlasticityPostsynaptic Plasticity = "postsynaptic" // h_t 1^T: M_ij depends on h_i alone
)

// Form selects how M modulates W.
type Form string

// The forms of modulation.
const (
	FormMultiplicative Form = "multiplicative" // W o (1 + M)
	FormAdditive       Form = "additive"       // W + M
)

// Shape selects which connections share one eta, or one lambda.
type Shape string

// The shapes of eta and lambda.
const (
	ShapeScalar Shape = "scalar" // all connections: one number
	ShapeRow    Shape = "row"    // the connections to one hidden unit: [H]
	ShapeColumn Shape = "column" // the connections from one input: [I]
	ShapeFull   Shape = "full"   // no two connections: [H, I]
)

// Variant is the multi-plasticity cell with a choice of plasticity, form and shapes (after Aitken & Mihalas, eLife
// 83035, which compares most of them):
//
//	h_t = tanh(b + (W o (1 + M_{t-1})) x_t)   or   tanh(b + (W + M_{t-1}) x_t)      read
//	M_t = clip(lambda o M_{t-1} + eta o (h_t x_t^T or 1 x_t^T or h_t 1^T))          write
//
// Its state is M, row-major [H, I]. There is no chunked form of it; Unroll goes step by step.
type Variant struct {
	Plain                 MPN // sizes, initial eta and lambda; Chunk is ignored
	Plasticity            Plasticity
	Form                  Form
	EtaShape, LambdaShape Shape
	// Bound is the largest |M_ij| after a write; 0 means no bound. The gradient is that of clipping: 1 within the
	// bounds and 0 beyond.
	Bound float64
}

// AsVariant returns the Variant that equals the cell.
func (c MPN) AsVariant() Variant {
	return Variant{Plain: c, Plasticity: PlasticityHebbian, Form: FormMultiplicative, EtaShape: ShapeScalar,
		LambdaShape: ShapeScalar}
}

// Name implements Cell. A variant has the name of the plain cell, "mpn".
func (c Variant) Name() string { return c.Plain.Name() }

// Sizes implements Cell; the state is M, H*I floats.
func (c Variant) Sizes() (input, hidden, state int) { return c.Plain.Sizes() }

// Params implements Cell: the parameters of MPN, with eta and lambda in their shapes. Their entries are initially
// equal.
func (c Variant) Params() []Param {
	params := c.Plain.Params()
	for i := range params {
		switch params[i].Name {
		case "eta":
			params[i].Shape = c.EtaShape.of(c.Plain.Hidden, c.Plain.Input)
		case "lambda":
			params[i].Shape = c.LambdaShape.of(c.Plain.Hidden, c.Plain.Input)
		}
	}
	return params
}

// Unroll implements Cell.
func (c Variant) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	if isLooped(x, longestSteps) {
		return c.loop(params, x, valid, start)
	}
	return c.unroll(params, x, valid, start)
}

// unroll computes Unroll step by step.
func (c Variant) unroll(params Nodes, x, valid, start *Node) Unrolled {
	var (
		dims   = x.Shape().Dimensions
		w, b   = InsertAxes(params.At("W"), 1), InsertAxes(params.At("b"), 1)
		eta    = c.EtaShape.overM(params.At("eta"))
		lambda = c.LambdaShape.overM(params.At("lambda"))
		m      = c.matrixOrZero(x, start)
		hs     []*Node
	)
	lambdas := c.Plain.Forget.decays(params, x, lambda)
	for t := range dims[2] {
		xt := Squeeze(steps(x, t, t+1), 2)
		ht := Tanh(Add(b, Einsum("kbhi,kbi->kbh", c.Form.modulate(w, m), xt)))
		next := c.clip(Add(Mul(lambdas(t), m), Mul(eta, c.Plasticity.write(ht, xt))))
		isValid := BroadcastToDims(IsPositive(InsertAxes(steps(valid, t, t+1), -1)), m.Shape().Dimensions...)
		m = Where(isValid, next, m)
		hs = append(hs, InsertAxes(ht, 2))
	}
	h := Concatenate(hs, 2)
	return Unrolled{H: h, Final: c.Plain.flat(m), Gradient: byAutodiff(params, h, namesOf(c)...)}
}

// matrixOrZero returns M [K, B, H, I] of a state or, where it is nil, zero.
func (c Variant) matrixOrZero(x, state *Node) *Node {
	if state != nil {
		return c.Plain.matrix(state)
	}
	dims := x.Shape().Dimensions
	return Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], c.Plain.Hidden, c.Plain.Input))
}

// clip returns m clipped to the bounds.
func (c Variant) clip(m *Node) *Node {
	if c.Bound == 0 {
		return m
	}
	return ClipScalar(m, -c.Bound, c.Bound)
}

// modulate returns W [K, 1, H, I] modulated by M [K, B, H, I].
func (f Form) modulate(w, m *Node) *Node {
	if f.isAdditive() {
		return Add(w, m)
	}
	return Mul(w, OnePlus(m))
}

func (f Form) isAdditive() bool {
	switch f {
	case FormMultiplicative:
		return false
	case FormAdditive:
		return true
	}
	panic(fmt.Errorf("mpn: unknown form %q", f))
}

// write returns the matrix [K, B, H, I] that h [K, B, H] and x [K, B, I] write into M, before the factor eta.
func (p Plasticity) write(h, x *Node) *Node {
	byH, byX := p.factors()
	if !byH {
		h = OnesLike(h)
	}
	if !byX {
		x = OnesLike(x)
	}
	return Einsum("kbh,kbi->kbhi", h, x)
}

// factors reports whether h_i, and whether x_j, is a factor of the write into M_ij.
func (p Plasticity) factors() (byH, byX bool) {
	switch p {
	case PlasticityHebbian:
		return true, true
	case PlasticityPresynaptic:
		return false, true
	case PlasticityPostsynaptic:
		return true, false
	}
	panic(fmt.Errorf("mpn: unknown plasticity %q", p))
}

// differs reports whether the parameter differs between the rows of M, and between its columns.
func (s Shape) differs() (byRow, byColumn bool) {
	switch s {
	case ShapeScalar:
		return false, false
	case ShapeRow:
		return true, false
	case ShapeColumn:
		return false, true
	case ShapeFull:
		return true, true
	}
	panic(fmt.Errorf("mpn: unknown shape %q", s))
}

// of returns the parameter's dimensions.
func (s Shape) of(hidden, input int) (dims []int) {
	byRow, byColumn := s.differs()
	if byRow {
		dims = append(dims, hidden)
	}
	if byColumn {
		dims = append(dims, input)
	}
	return dims
}

// overM reshapes a parameter [K, ...] so that it broadcasts over M: [K, 1, H or 1, I or 1].
func (s Shape) overM(p *Node) *Node {
	byRow, byColumn := s.differs()
	if !byRow {
		p = InsertAxes(p, 1)
	}
	if !byColumn {
		p = InsertAxes(p, -1)
	}
	return InsertAxes(p, 1)
}
