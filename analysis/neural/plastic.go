package neural

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"engram/internal/numbers"
)

// Plastic is one layer of a multi-plasticity network (MPN) under an input that stays the same. Its write is
// lambda o M + eta o (h x^T), or 1 x^T, or h 1^T; it reads W o (1 + M), or W + M (package mpn).
type Plastic struct {
	W           *mat.Dense // [H, I]
	B           []float64  // [H]
	Eta, Lambda *mat.Dense // of each synapse, [H, I]; of a cell with a gate, lambda at the input
	ByH, ByX    bool       // what is written: h x^T has both
	Additive    bool       // reads W + M
}

// Root is a value of h_i at which a unit, with its synapses, rests.
type Root struct {
	H      float64
	Radius float64 // factor by which the slowest small deviation grows in a step; below 1: it decays
}

// Stable reports whether all small deviations from the root decay.
func (r Root) Stable() bool { return r.Radius < 1 }

// Rest holds every fixed point of a Plastic under one input: any choice of one root for each unit.
type Rest struct {
	Units [][]Root // of each unit, rising, [H][1 or 3]
}

// Bistable returns the number of units that have two stable roots: latches that keep a bit for as long as the input
// stays.
func (r Rest) Bistable() (n int) {
	for _, roots := range r.Units {
		if stable(roots) > 1 {
			n++
		}
	}
	return n
}

// Attractors returns the number of stable fixed points: the product of the units' numbers of stable roots.
func (r Rest) Attractors() float64 {
	product := 1.0
	for _, roots := range r.Units {
		product *= float64(stable(roots))
	}
	return product
}

func stable(roots []Root) (n int) {
	for _, root := range roots {
		if root.Stable() {
			n++
		}
	}
	return n
}

// FixedPoints returns every fixed point under the constant input x [I], exactly. At a fixed point
//
//	M_ij = kappa_ij u_ij,  kappa = eta / (1 - lambda),  u = h_i x_j, x_j or h_i
//
// so that, with c_ij = W_ij (or 1 if the form is additive), each unit is alone:
//
//	h_i = tanh(p_i + q_i h_i),  p = b + W x,  q_i = sum_j kappa_ij c_ij x_j u_ij / h_i
//
// which has one solution, or three where q_i is large enough and p_i near 0 (a write without h adds q_i to p_i
// instead, and has one). A small deviation of row i of M is multiplied in a step by
//
//	diag(lambda_i) + (1 - h_i^2) (eta_i o u_i / h_i) (c_i o x)^T
//
// whose eigenvalues, where lambda_i is the same for all j, are lambda_i and, for a scalar eta,
// lambda_i + (1 - h_i^2) (1 - lambda_i) q_i. A lambda of 1 or more has no such M, and is an error; so are sizes that
// disagree.
//
// Source: derived here from eqs. 2 and 3 of eLife 83035; the test compares it with iterating the cell.
func (p Plastic) FixedPoints(x []float64) (Rest, error) {
	if err := p.check(x); err != nil {
		return Rest{}, err
	}
	rest := Rest{Units: make([][]Root, len(p.B))}
	for i := range p.B {
		drive, feedback := p.B[i], 0.0
		for j, xj := range x {
			drive += p.W.At(i, j) * xj
			feedback += p.Eta.At(i, j) / (1 - p.Lambda.At(i, j)) * p.read(i, j) * xj * p.written(xj)
		}
		if !p.ByH {
			drive, feedback = drive+feedback, 0
		}
		for _, h := range rootsOf(drive, feedback) {
			radius, err := p.radius(i, h, x)
			if err != nil {
				return Rest{}, err
			}
			rest.Units[i] = append(rest.Units[i], Root{h, radius})
		}
	}
	return rest, nil
}

func (p Plastic) check(x []float64) error {
	h, i := p.W.Dims()
	for _, m := range []*mat.Dense{p.Eta, p.Lambda} {
		if rows, columns := m.Dims(); rows != h || columns != i || len(p.B) != h || len(x) != i {
			return fmt.Errorf("neural: W is [%d, %d], eta or lambda [%d, %d], b [%d] and x [%d]: they do not fit", h, i,
				rows, columns, len(p.B), len(x))
		}
	}
	for _, m := range []*mat.Dense{p.W, p.Eta, p.Lambda, mat.NewDense(1, h, p.B), mat.NewDense(1, i, x)} {
		if err := checkFinite(m); err != nil {
			return err
		}
	}
	if most := mat.Max(p.Lambda); most >= 1 {
		return fmt.Errorf("neural: lambda is %g: memory that does not decay has no fixed point; use below 1", most)
	}
	return nil
}

// read returns the weight by which M_ij x_j counts in the drive of unit i.
func (p Plastic) read(i, j int) float64 {
	if p.Additive {
		return 1
	}
	return p.W.At(i, j)
}

// written returns the factor of a write that does not depend on h.
func (p Plastic) written(xj float64) float64 {
	if p.ByX {
		return xj
	}
	return 1
}

// rootsOf returns the solutions of h = tanh(p + q h), rising. Between the extrema of h - tanh(p + q h) the difference
// is monotonic, so each part has at most one, found by bisection.
func rootsOf(p, q float64) (roots []float64) {
	ends := []float64{-1, 1}
	if q > 1 {
		y := math.Atanh(math.Sqrt(1 - 1/q)) // where the slope q (1 - tanh^2) is 1
		ends = []float64{-1, max(-1, min((-y-p)/q, 1)), max(-1, min((y-p)/q, 1)), 1}
	}
	difference := func(h float64) float64 { return h - math.Tanh(p+q*h) }
	for k := range len(ends) - 1 {
		low, high := ends[k], ends[k+1]
		if atLow, atHigh := difference(low), difference(high); low == high || atLow*atHigh > 0 {
			continue
		} else if atLow > 0 {
			low, high = high, low
		}
		root := bisect(difference, low, high)
		if len(roots) == 0 || root > roots[len(roots)-1] {
			roots = append(roots, root)
		}
	}
	return roots
}

// bisect returns the zero of f between negative, where f is 0 or below, and positive, where it is 0 or above, to the
// last bit.
func bisect(f func(float64) float64, negative, positive float64) float64 {
	for {
		middle := (negative + positive) / 2
		if middle == negative || middle == positive {
			return middle
		}
		if f(middle) <= 0 {
			negative = middle
		} else {
			positive = middle
		}
	}
}

// radius returns the spectral radius of a step of row i of M near a root.
func (p Plastic) radius(i int, h float64, x []float64) (float64, error) {
	uniform, gain, largest := true, 0.0, 0.0
	jacobian := mat.NewDense(len(x), len(x), nil)
	for j, xj := range x {
		lambda := p.Lambda.At(i, j)
		uniform = uniform && lambda == p.Lambda.At(i, 0)
		largest = max(largest, math.Abs(lambda))
		jacobian.Set(j, j, lambda)
		if p.ByH {
			a := (1 - h*h) * p.Eta.At(i, j) * p.written(xj)
			gain += a * p.read(i, j) * xj
			for k, xk := range x {
				jacobian.Set(j, k, jacobian.At(j, k)+a*p.read(i, k)*xk)
			}
		}
	}
	if uniform {
		alone := math.Abs(p.Lambda.At(i, 0) + gain)
		if len(x) == 1 {
			return alone, nil
		}
		return max(largest, alone), nil
	}
	return spectralRadius(jacobian)
}

// spectralRadius returns the largest magnitude of an eigenvalue.
func spectralRadius(m *mat.Dense) (largest float64, err error) {
	var eigen mat.Eigen
	if !eigen.Factorize(m, mat.EigenNone) {
		return 0, errors.New("neural: the eigenvalues did not converge")
	}
	for _, v := range eigen.Values(nil) {
		largest = max(largest, cmplx.Abs(v))
	}
	if !numbers.Finite(largest) {
		return 0, errors.New("neural: an eigenvalue is not finite")
	}
	return largest, nil
}
