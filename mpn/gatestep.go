package mpn

// gateStep computes sigmoid(z) of one step for acting. Without a gate it has no rows.
type gateStep struct {
	gain float32
	w, b []float32 // F [R, I] and f [R]
	open []float32 // sigmoid(z), [R]
}

func (g Gate) newStep(params Values) gateStep {
	if g.Shape == "" {
		return gateStep{}
	}
	b := params.At("forget_b")
	return gateStep{gain: float32(g.Gain), w: params.At("forget_w"), b: b, open: make([]float32, len(b))}
}

// read computes the gates of input x.
func (s *gateStep) read(x []float32) {
	if len(s.open) == 0 {
		return
	}
	copy(s.open, s.b)
	AddProduct(s.open, s.w, x)
	for r, z := range s.open {
		s.open[r] = sigmoid(s.gain * z)
	}
}

// at returns the gate of row i of M; 1 without a gate.
func (s *gateStep) at(i int) float32 {
	switch len(s.open) {
	case 0:
		return 1
	case 1:
		return s.open[0]
	}
	return s.open[i]
}

// Decays computes lambda_t of a gated cell, which the input of a step alone determines. It is not safe for concurrent
// use.
type Decays struct {
	input, hidden int
	gate          gateStep
	lambda        spread
	shape         Shape
	of            []float32 // lambda_t, [R]
}

// NewDecays returns the decays of a cell, the first layer's if there are two; nil if it has no gate. It reads params
// without copying them.
func NewDecays(c Cell, params Values) *Decays {
	switch c := c.(type) {
	case Layers:
		return NewDecays(c.First, layerOf(params, firstLayer))
	case MPN:
		return NewDecays(c.AsVariant(), params)
	case Variant:
		gate := c.Plain.Forget.newStep(params)
		if len(gate.open) == 0 {
			return nil
		}
		return &Decays{input: c.Plain.Input, hidden: c.Plain.Hidden, gate: gate, shape: c.LambdaShape,
			lambda: c.LambdaShape.spread(params.At("lambda"), c.Plain.Input), of: make([]float32, len(gate.open))}
	}
	return nil
}

// Len returns R, the number of gates; 0 for nil.
func (d *Decays) Len() int {
	if d == nil {
		return 0
	}
	return len(d.of)
}

// Read returns lambda_t [R] of input x [I], valid until the next call. Where connections of one gate differ in lambda,
// it is their mean. It does not allocate.
func (d *Decays) Read(x []float32) []float32 {
	d.gate.read(x)
	for r, open := range d.gate.open {
		d.of[r] = d.meanLambda(r) * open
	}
	return d.of
}

// meanLambda returns the mean lambda of the connections of gate r.
func (d *Decays) meanLambda(r int) float32 {
	if d.shape == ShapeScalar {
		return d.lambda.values[0]
	}
	from, to := r, r+1
	if len(d.of) == 1 {
		from, to = 0, d.hidden
	}
	sum := 0.0
	for i := from; i < to; i++ {
		for j := range d.input {
			sum += float64(d.lambda.at(i, j))
		}
	}
	return float32(sum / float64((to-from)*d.input))
}
