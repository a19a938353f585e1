package mpn

// NewStepper implements Cell.
func (c MPN) NewStepper(params Values) Stepper {
	plain := &mpnStepper{
		input: c.Input, w: params.At("W"), b: params.At("b"),
		eta: params.At("eta"), lambda: params.At("lambda"),
	}
	if !c.isGated() {
		return plain
	}
	return &gatedStepper{*plain, c.Forget.newStep(params)}
}

type mpnStepper struct {
	input       int
	w, b        []float32
	eta, lambda []float32 // one element each; slices, so that new weights take effect
}

// Step implements Stepper.
func (s *mpnStepper) Step(x, m, hidden []float32) {
	eta, lambda := s.eta[0], s.lambda[0]
	for i := range hidden {
		hidden[i] = s.row(i, x, m[i*s.input:], eta, lambda)
	}
}

// row computes h = tanh(b + (W o (1 + M)) x) and then M = lambda M + eta h x^T for row i of M, and returns h.
func (s *mpnStepper) row(i int, x, row []float32, eta, lambda float32) float32 {
	n := s.input
	x = x[:n]
	w, row := s.w[i*n:][:n], row[:n]
	y := s.b[i]
	for j, xj := range x {
		y += w[j] * (1 + row[j]) * xj
	}
	h := tanh(y)
	gain := eta * h
	for j, xj := range x {
		row[j] = lambda*row[j] + gain*xj
	}
	return h
}

// gatedStepper is the stepper of the gated cell.
type gatedStepper struct {
	mpnStepper
	forget gateStep
}

// Step implements Stepper. Row i of M decays by lambda times the gate of the row.
func (s *gatedStepper) Step(x, m, hidden []float32) {
	eta, lambda := s.eta[0], s.lambda[0]
	s.forget.read(x)
	for i := range hidden {
		hidden[i] = s.row(i, x, m[i*s.input:], eta, lambda*s.forget.at(i))
	}
}
