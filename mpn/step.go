package mpn

// NewStepper implements Cell.
func (c MPN) NewStepper(params Values) Stepper {
	if c.Forget.rows(c.Hidden) > 0 {
		return c.AsVariant().NewStepper(params)
	}
	return mpnStepper{
		input: c.Input, w: params.At("W"), b: params.At("b"),
		eta: params.At("eta"), lambda: params.At("lambda"),
	}
}

type mpnStepper struct {
	input       int
	w, b        []float32
	eta, lambda []float32 // one element each; slices, so that new weights take effect
}

// Step implements Stepper. For each row it computes h = tanh(b + (W o (1 + M)) x) and then M = lambda M + eta h x^T.
func (s mpnStepper) Step(x, m, hidden []float32) {
	eta, lambda := s.eta[0], s.lambda[0]
	n := s.input
	x = x[:n]
	for i := range hidden {
		w, row := s.w[i*n:][:n], m[i*n:][:n]
		y := s.b[i]
		for j, xj := range x {
			y += w[j] * (1 + row[j]) * xj
		}
		h := tanh(y)
		hidden[i] = h
		gain := eta * h
		for j, xj := range x {
			row[j] = lambda*row[j] + gain*xj
		}
	}
}
