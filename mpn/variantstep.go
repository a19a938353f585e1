package mpn

import "math"

// NewStepper implements Cell.
func (c Variant) NewStepper(params Values) Stepper {
	byH, byX := c.Plasticity.factors()
	s := &variantStepper{
		input: c.Plain.Input, w: params.At("W"), b: params.At("b"), additive: c.Form.isAdditive(), byH: byH,
		eta:    c.EtaShape.spread(params.At("eta"), c.Plain.Input),
		lambda: c.LambdaShape.spread(params.At("lambda"), c.Plain.Input),
		bound:  float32(c.Bound),
		forget: c.Plain.Forget.newStep(params),
	}
	if c.Bound == 0 {
		s.bound = float32(math.Inf(1))
	}
	if !byX {
		s.ones = make([]float32, c.Plain.Input)
		Constant(1)(nil, s.ones)
	}
	return s
}

type variantStepper struct {
	input       int
	w, b        []float32
	eta, lambda spread
	additive    bool
	byH         bool      // h_i is a factor of the write
	ones        []float32 // [I], takes the place of x if x_j is no factor of the write; else nil
	bound       float32
	forget      gateStep
}

// spread reads a parameter of any Shape as if it were [H, I].
type spread struct {
	values      []float32
	row, column int // strides
}

func (s Shape) spread(values []float32, input int) spread {
	byRow, byColumn := s.differs()
	p := spread{values: values}
	if byRow {
		p.row = 1
	}
	if byColumn {
		p.row, p.column = p.row*input, 1
	}
	return p
}

func (p spread) at(i, j int) float32 { return p.values[i*p.row+j*p.column] }

// Step implements Stepper: each row of M is read and then written.
func (s *variantStepper) Step(x, m, hidden []float32) {
	n := s.input
	x = x[:n]
	pre := s.ones
	if pre == nil {
		pre = x
	}
	s.forget.read(x)
	for i := range hidden {
		row := m[i*n:][:n]
		h := tanh(s.read(i, row, x))
		hidden[i] = h
		post := float32(1)
		if s.byH {
			post = h
		}
		open := s.forget.at(i)
		for j := range row {
			next := s.lambda.at(i, j)*open*row[j] + s.eta.at(i, j)*post*pre[j]
			row[j] = max(-s.bound, min(s.bound, next))
		}
	}
}

// read returns the input of hidden unit i before tanh, given its row of M.
func (s *variantStepper) read(i int, row, x []float32) float32 {
	w, y := s.w[i*len(x):][:len(x)], s.b[i]
	if s.additive {
		for j, xj := range x {
			y += (w[j] + row[j]) * xj
		}
		return y
	}
	for j, xj := range x {
		y += w[j] * (1 + row[j]) * xj
	}
	return y
}
