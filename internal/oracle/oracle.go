// Package oracle computes engram's equations one number at a time, in float64 and with no library: what the
// compiled graphs and the fast steps are tested against. It is slow and obvious.
//
// Axes as in packages mpn and drqn: B sequences, T steps, I input, H hidden, A actions.
package oracle

import "math"

// Cell holds the parameters of one MPN cell. Frozen keeps M at zero.
type Cell struct {
	W           [][]float64 // [H][I]
	B           []float64   // [H]
	Eta, Lambda float64
	Frozen      bool
}

// Affine returns W x + b.
func Affine(w [][]float64, b, x []float64) []float64 {
	y := make([]float64, len(w))
	for i := range w {
		y[i] = b[i]
		for j := range x {
			y[i] += w[i][j] * x[j]
		}
	}
	return y
}

// Run unrolls the cell over x [T][I] from start [H][I] (nil: zero). It returns h [T][H], of padded steps nil, and
// the matrix after the last step. A padded step leaves the matrix as it is.
func (c Cell) Run(x [][]float64, valid []bool, start [][]float64) (h [][]float64, m [][]float64) {
	m = make([][]float64, len(c.W))
	for i := range m {
		m[i] = make([]float64, len(c.W[i]))
		if start != nil {
			copy(m[i], start[i])
		}
	}
	h = make([][]float64, len(x))
	for t := range x {
		if !valid[t] {
			continue
		}
		h[t] = make([]float64, len(c.W))
		for i := range c.W { // eq. 2: read
			y := c.B[i]
			for j := range x[t] {
				y += c.W[i][j] * (1 + m[i][j]) * x[t][j]
			}
			h[t][i] = math.Tanh(y)
		}
		if c.Frozen {
			continue
		}
		for i := range m { // eq. 3: write
			for j := range m[i] {
				m[i][j] = c.Lambda*m[i][j] + c.Eta*h[t][i]*x[t][j]
			}
		}
	}
	return h, m
}

// Row is one padded window: T transitions, with loss where Mask is set, and the values of T+1 observations.
type Row struct {
	Q, QTarget [][]float64 // [T+1][A]; padded steps may be nil
	Actions    []int       // [T]
	Rewards    []float64   // [T]
	Terminated []bool      // [T]
	Mask       []bool      // [T]
}

// Best returns the action of the highest value; of equal ones the lowest.
func Best(q []float64) int {
	best := 0
	for a := range q {
		if q[a] > q[best] {
			best = a
		}
	}
	return best
}

// Target returns the double-DQN target of step t: r + gamma q'(t+1, argmax_a q(t+1, a)), or r at the end.
func (r Row) Target(t int, gamma float64) float64 {
	if r.Terminated[t] {
		return r.Rewards[t]
	}
	return r.Rewards[t] + gamma*r.QTarget[t+1][Best(r.Q[t+1])]
}

// Huber returns the smooth L1 loss with threshold 1.
func Huber(d float64) float64 {
	if math.Abs(d) <= 1 {
		return 0.5 * d * d
	}
	return math.Abs(d) - 0.5
}

// Loss returns the mean of Huber over the steps with loss of all rows; target returns y of a row's step.
func Loss(rows []Row, target func(r Row, t int) float64) float64 {
	sum, count := 0.0, 0
	for _, r := range rows {
		for t := range r.Actions {
			if r.Mask[t] {
				sum += Huber(r.Q[t][r.Actions[t]] - target(r, t))
				count++
			}
		}
	}
	return sum / float64(count)
}

// Clip scales a gradient down to a global norm, as PyTorch does, and returns the norm before.
func Clip(gradient []float64, limit float64) (norm float64) {
	for _, g := range gradient {
		norm += g * g
	}
	norm = math.Sqrt(norm)
	if scale := limit / (norm + 1e-6); scale < 1 {
		for i := range gradient {
			gradient[i] *= scale
		}
	}
	return norm
}

// Adam is Adam with beta 0.9 and 0.999 and epsilon 1e-8 (Kingma & Ba 2015, algorithm 1).
type Adam struct {
	M, V []float64
	T    int
}

// Step updates params by a gradient.
func (a *Adam) Step(params, gradient []float64, rate float64) {
	if a.M == nil {
		a.M, a.V = make([]float64, len(params)), make([]float64, len(params))
	}
	a.T++
	for i, g := range gradient {
		a.M[i] = 0.9*a.M[i] + 0.1*g
		a.V[i] = 0.999*a.V[i] + 0.001*g*g
		mHat := a.M[i] / (1 - math.Pow(0.9, float64(a.T)))
		vHat := a.V[i] / (1 - math.Pow(0.999, float64(a.T)))
		params[i] -= rate * mHat / (math.Sqrt(vHat) + 1e-8)
	}
}

// Gradient returns the gradient of f at x by central differences of step 1e-5, good to about 1e-9 of f's scale. x is
// as before afterwards.
func Gradient(f func() float64, x []float64) []float64 {
	const step = 1e-5
	g := make([]float64, len(x))
	for i, at := range x {
		x[i] = at + step
		high := f()
		x[i] = at - step
		low := f()
		x[i] = at
		g[i] = (high - low) / (2 * step)
	}
	return g
}
