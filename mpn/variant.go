package mpn

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Update says what a step writes into M, per eta.
type Update string

// What a step writes into M, per eta.
const (
	UpdateHebbian      Update = "hebbian"      // h_t x_t^T
	UpdatePresynaptic  Update = "presynaptic"  // 1 x_t^T: M_ij by x_j alone
	UpdatePostsynaptic Update = "postsynaptic" // h_t 1^T: M_ij by h_i alone
)

// Form says how M modulates W.
type Form string

// How M modulates W.
const (
	FormMultiplicative Form = "multiplicative" // W o (1 + M)
	FormAdditive       Form = "additive"       // W + M
)

// Shape says which connections share one eta, or one lambda.
type Shape string

// Which connections share one eta, or one lambda.
const (
	ShapeScalar Shape = "scalar" // all: one number
	ShapeRow    Shape = "row"    // those to one hidden unit: [H]
	ShapeColumn Shape = "column" // those from one input: [I]
	ShapeFull   Shape = "full"   // none: [H, I]
)

// Variant is the multi-plasticity cell with other updates, forms and shapes than MPN has (after Aitken & Mihalas,
// eLife 83035, which compares most of them):
//
//	h_t = tanh(b + (W o (1 + M_{t-1})) x_t)   or   tanh(b + (W + M_{t-1}) x_t)      read
//	M_t = clip(lambda o M_{t-1} + eta o (h_t x_t^T or 1 x_t^T or h_t 1^T))          write
//
// Its state is M, row-major [H, I]. It is computed step by step only.
type Variant struct {
	Plain                 MPN // sizes, and eta and lambda at the start; Chunk is not used
	Update                Update
	Form                  Form
	EtaShape, LambdaShape Shape
	// Bound is the largest |M_ij| that an update leaves; 0 is no bound. The gradient is that of clipping: 1 within the
	// bounds and 0 beyond, where what would have been written, and what stood there before, have no effect.
	Bound float64
}

// AsVariant is the cell with its options spelled out.
func (c MPN) AsVariant() Variant {
	return Variant{Plain: c, Update: UpdateHebbian, Form: FormMultiplicative, EtaShape: ShapeScalar,
		LambdaShape: ShapeScalar}
}

// Name implements Cell: a variant is an mpn with other options.
func (c Variant) Name() string { return c.Plain.Name() }

// Sizes implements Cell; the state is M, H*I floats.
func (c Variant) Sizes() (input, hidden, state int) { return c.Plain.Sizes() }

// Params implements Cell: those of MPN, with eta and lambda in their shapes, every entry the same at the start.
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
	var (
		dims   = x.Shape().Dimensions
		w, b   = InsertAxes(params.At("W"), 1), InsertAxes(params.At("b"), 1)
		eta    = c.EtaShape.overM(params.At("eta"))
		lambda = c.LambdaShape.overM(params.At("lambda"))
		m      = c.Plain.matrix(start)
		hs     []*Node
	)
	if m == nil {
		m = Zeros(x.Graph(), shapes.Make(x.DType(), dims[0], dims[1], c.Plain.Hidden, c.Plain.Input))
	}
	for t := range dims[2] {
		xt := Squeeze(steps(x, t, t+1), 2)
		ht := Tanh(Add(b, Einsum("kbhi,kbi->kbh", c.Form.modulate(w, m), xt)))
		next := c.clip(Add(Mul(lambda, m), Mul(eta, c.Update.of(ht, xt))))
		isValid := BroadcastToDims(IsPositive(InsertAxes(steps(valid, t, t+1), -1)), m.Shape().Dimensions...)
		m = Where(isValid, next, m)
		hs = append(hs, InsertAxes(ht, 2))
	}
	h := Concatenate(hs, 2)
	return Unrolled{H: h, Final: c.Plain.flat(m), Gradient: byAutodiff(params, h, "W", "b", "eta", "lambda")}
}

// clip is m within the bounds.
func (c Variant) clip(m *Node) *Node {
	if c.Bound == 0 {
		return m
	}
	return ClipScalar(m, -c.Bound, c.Bound)
}

// modulate is what x is multiplied with: W [K, 1, H, I] modulated by M [K, B, H, I].
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
	panic(fmt.Errorf("mpn: there is no form %q", f))
}

// of is what is written per eta by h [K, B, H] and x [K, B, I]: [K, B, H, I].
func (u Update) of(h, x *Node) *Node {
	byH, byX := u.factors()
	if !byH {
		h = OnesLike(h)
	}
	if !byX {
		x = OnesLike(x)
	}
	return Einsum("kbh,kbi->kbhi", h, x)
}

// factors says which of h_i and x_j are in what is written into M_ij.
func (u Update) factors() (byH, byX bool) {
	switch u {
	case UpdateHebbian:
		return true, true
	case UpdatePresynaptic:
		return false, true
	case UpdatePostsynaptic:
		return true, false
	}
	panic(fmt.Errorf("mpn: there is no update %q", u))
}

// differs says whether the parameter differs between rows of M, and between its columns.
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
	panic(fmt.Errorf("mpn: there is no shape %q", s))
}

// of is the parameter's shape.
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

// overM gives a parameter [K, ...] the axes to be multiplied with M: [K, 1, H or 1, I or 1].
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
