package neural

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"engram/internal/numbers"
)

// Cell is the step of a recurrent network under an input that stays the same.
type Cell interface {
	// Step returns h after a step from h [H], in new memory.
	Step(h []float64) []float64
	// Jacobian returns the derivatives [H, H] of Step at h.
	Jacobian(h []float64) *mat.Dense
}

// Gates holds W x + b and U of a recurrent network with G gates of H units (package mpn): those of each gate.
type Gates struct {
	Drive [][]float64  // W x + b, [G][H]
	U     []*mat.Dense // [G] [H, H]
}

// RNN is the plain recurrent network, h' = tanh(W x + b + U h): one gate.
type RNN struct{ Gates }

// GRU is the gated recurrent unit of package mpn, with the gates r, z and n:
//
//	r = sigmoid(W_r x + b_r + U_r h),  z = sigmoid(W_z x + b_z + U_z h)
//	n = tanh(W_n x + b_n + r o (U_n h)),  h' = (1 - z) o n + z o h
type GRU struct{ Gates }

// NewGates returns the gates of a network with W [G*H, I], U [G*H, H] and b [G*H], all row-major, under the input
// x [I]. Sizes that disagree are an error.
func NewGates(w, u, b, x []float64, hidden int) (Gates, error) {
	if hidden < 1 || len(b)%hidden != 0 || len(b) == 0 || len(u) != len(b)*hidden || len(w) != len(b)*len(x) {
		return Gates{}, fmt.Errorf("neural: %d values of W, %d of U, %d of b and %d of x do not fit %d units", len(w),
			len(u), len(b), len(x), hidden)
	}
	var g Gates
	for gate := range len(b) / hidden {
		drive := make([]float64, hidden)
		for i := range drive {
			row := gate*hidden + i
			drive[i] = b[row]
			for j, xj := range x {
				drive[i] += w[row*len(x)+j] * xj
			}
		}
		g.Drive = append(g.Drive, drive)
		g.U = append(g.U, mat.NewDense(hidden, hidden, u[gate*hidden*hidden:][:hidden*hidden]))
	}
	return g, nil
}

// recurrent returns U h of a gate.
func (g Gates) recurrent(gate int, h []float64) []float64 {
	var y mat.VecDense
	y.MulVec(g.U[gate], mat.NewVecDense(len(h), h))
	return y.RawVector().Data
}

// Step implements Cell.
func (c RNN) Step(h []float64) []float64 {
	y := c.recurrent(0, h)
	for i := range y {
		y[i] = math.Tanh(c.Drive[0][i] + y[i])
	}
	return y
}

// Jacobian implements Cell: diag(1 - h'^2) U.
func (c RNN) Jacobian(h []float64) *mat.Dense {
	next := c.Step(h)
	j := mat.DenseCopyOf(c.U[0])
	for i := range next {
		scale(j.RawRowView(i), 1-next[i]*next[i])
	}
	return j
}

// gates returns r, z, n and U_n h.
func (c GRU) gates(h []float64) (r, z, n, un []float64) {
	r, z, un = c.recurrent(0, h), c.recurrent(1, h), c.recurrent(2, h)
	n = make([]float64, len(h))
	for i := range h {
		r[i], z[i] = sigmoid(c.Drive[0][i]+r[i]), sigmoid(c.Drive[1][i]+z[i])
		n[i] = math.Tanh(c.Drive[2][i] + r[i]*un[i])
	}
	return r, z, n, un
}

// Step implements Cell.
func (c GRU) Step(h []float64) []float64 {
	_, z, n, _ := c.gates(h)
	next := make([]float64, len(h))
	for i := range h {
		next[i] = (1-z[i])*n[i] + z[i]*h[i]
	}
	return next
}

// Jacobian implements Cell:
//
//	diag(z) + diag((h - n) z (1-z)) U_z + diag((1-z) (1-n^2)) (diag(r) U_n + diag(U_n h  r (1-r)) U_r)
func (c GRU) Jacobian(h []float64) *mat.Dense {
	r, z, n, un := c.gates(h)
	j := mat.NewDense(len(h), len(h), nil)
	for i := range h {
		byZ := (h[i] - n[i]) * z[i] * (1 - z[i])
		byN := (1 - z[i]) * (1 - n[i]*n[i])
		row := j.RawRowView(i)
		for k := range row {
			row[k] = byZ*c.U[1].At(i, k) + byN*(r[i]*c.U[2].At(i, k)+un[i]*r[i]*(1-r[i])*c.U[0].At(i, k))
		}
		row[i] += z[i]
	}
	return j
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func scale(row []float64, by float64) {
	for i := range row {
		row[i] *= by
	}
}

// FixedPoint is a state that a step does not change.
type FixedPoint struct {
	H      []float64
	Radius float64 // largest magnitude of an eigenvalue of the Jacobian
}

// Stable reports whether all small deviations from the point decay.
func (f FixedPoint) Stable() bool { return f.Radius < 1 }

// Search returns the fixed points that Newton's method reaches from the starts [H], each once. It solves
// (J - I) d = h - f(h) and steps by d, halved until the distance |f(h) - h| falls; a start from which that does not
// end below 1e-12 is given up. There may be other points: recorded states are the starts to choose. Points closer than
// 1e-6 in each unit are one.
//
// Source: D. Sussillo and O. Barak, "Opening the black box", Neural Computation 25:626 (2013), with Newton's method
// instead of minimising the speed.
func Search(c Cell, starts [][]float64) ([]FixedPoint, error) {
	var found []FixedPoint
	for _, start := range starts {
		h, converged := newton(c, start)
		if !converged || known(found, h) {
			continue
		}
		radius, err := spectralRadius(c.Jacobian(h))
		if err != nil {
			return nil, err
		}
		found = append(found, FixedPoint{h, radius})
	}
	return found, nil
}

func known(found []FixedPoint, h []float64) bool {
	for _, f := range found {
		distance := 0.0
		for i := range h {
			distance = max(distance, math.Abs(f.H[i]-h[i]))
		}
		if distance < 1e-6 {
			return true
		}
	}
	return false
}

// newton returns the fixed point that Newton's method reaches from start.
func newton(c Cell, start []float64) (h []float64, converged bool) {
	h = append([]float64(nil), start...)
	difference, distance := moved(c, h)
	for range 200 {
		if distance < 1e-12 {
			return h, true
		}
		jacobian := c.Jacobian(h)
		for i := range h {
			jacobian.Set(i, i, jacobian.At(i, i)-1)
		}
		var step mat.VecDense
		if err := step.SolveVec(jacobian, mat.NewVecDense(len(h), difference)); err != nil && step.Len() == 0 {
			return nil, false
		}
		length, next := 1.0, make([]float64, len(h))
		for {
			for i := range h {
				next[i] = h[i] - length*step.AtVec(i)
			}
			nextDifference, nextDistance := moved(c, next)
			if nextDistance < distance {
				h, difference, distance = next, nextDifference, nextDistance
				break
			}
			if length /= 2; length < 1e-4 {
				return nil, false
			}
		}
	}
	return nil, false
}

// moved returns f(h) - h and its norm; the norm is infinite where a value is not finite.
func moved(c Cell, h []float64) ([]float64, float64) {
	difference := c.Step(h)
	sum := 0.0
	for i := range h {
		difference[i] -= h[i]
		sum += difference[i] * difference[i]
	}
	if !numbers.Finite(sum) {
		return difference, math.Inf(1)
	}
	return difference, math.Sqrt(sum)
}
