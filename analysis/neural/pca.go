package neural

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"engram/internal/numbers"
)

// Principal holds the principal components of observations [n, D].
type Principal struct {
	Mean       []float64  // [D]
	Components *mat.Dense // orthonormal rows, by falling variance, [K, D]; the largest entry of each is positive
	Variances  []float64  // of the observations along each component, with the divisor n-1, [K]
	Total      float64    // the variance of all D columns together
}

// PCA returns the first keep principal components of x [n, D], or all if keep is 0. Those without variance are left
// out. It diagonalises the smaller of the covariance [D, D] and the Gram matrix [n, n], whose eigenvalues, apart from
// zeros, are the same, so that D may be thousands. Fewer than two rows, and a value that is NaN or infinite, are
// errors; so is x without variance.
//
// Source: I. Jolliffe, Principal Component Analysis, 2nd edition 2002, section 1.1; for the Gram matrix section 3.5.
// Signs as in scikit-learn's PCA.
func PCA(x *mat.Dense, keep int) (Principal, error) {
	n, d := x.Dims()
	if err := checkFinite(x); err != nil {
		return Principal{}, err
	}
	if n < 2 {
		return Principal{}, errors.New("neural: one observation has no variance: use 2 or more")
	}
	mean, centred := center(x)
	var gram mat.SymDense
	if d <= n {
		gram.SymOuterK(1/float64(n-1), centred.T())
	} else {
		gram.SymOuterK(1/float64(n-1), centred)
	}
	p := Principal{Mean: mean}
	for i := range gram.SymmetricDim() {
		p.Total += gram.At(i, i)
	}
	if p.Total == 0 {
		return Principal{}, errors.New("neural: all observations are equal: they have no components")
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, true) {
		return Principal{}, errors.New("neural: the eigenvalues of the covariance did not converge")
	}
	values := eigen.Values(nil) // rising
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	smallest := values[len(values)-1] * float64(max(n, d)) * epsilon
	var rows []float64
	for i := len(values) - 1; i >= 0 && values[i] > smallest && (keep == 0 || len(p.Variances) < keep); i-- {
		component := mat.NewVecDense(d, nil)
		if d <= n {
			component.CloneFromVec(vectors.ColView(i))
		} else {
			component.MulVec(centred.T(), vectors.ColView(i))
			component.ScaleVec(1/mat.Norm(component, 2), component)
		}
		p.Variances = append(p.Variances, values[i])
		rows = append(rows, withSign(component.RawVector().Data)...)
	}
	p.Components = mat.NewDense(len(p.Variances), d, rows)
	return p, nil
}

// epsilon is the distance from 1 to the next larger float64.
const epsilon = 1.0 / (1 << 52)

// center returns the column means of x and x without them.
func center(x *mat.Dense) ([]float64, *mat.Dense) {
	n, d := x.Dims()
	mean, centred := make([]float64, d), mat.NewDense(n, d, nil)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	for i := range n {
		row := centred.RawRowView(i)
		for j, v := range x.RawRowView(i) {
			row[j] = v - mean[j]
		}
	}
	return mean, centred
}

// withSign changes the sign of v if its entry of the largest magnitude is negative.
func withSign(v []float64) []float64 {
	largest := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(largest) {
			largest = x
		}
	}
	if largest < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}

// Project returns the coordinates [K] of one observation x [D] along the components.
func (p Principal) Project(x []float64) []float64 {
	y := make([]float64, len(p.Variances))
	for k := range y {
		for j, c := range p.Components.RawRowView(k) {
			y[k] += c * (x[j] - p.Mean[j])
		}
	}
	return y
}

// ProjectAll returns the coordinates [n, K] of observations x [n, D].
func (p Principal) ProjectAll(x *mat.Dense) *mat.Dense {
	y, origin := new(mat.Dense), new(mat.VecDense)
	y.Mul(x, p.Components.T())
	origin.MulVec(p.Components, mat.NewVecDense(len(p.Mean), p.Mean))
	n, _ := y.Dims()
	for i := range n {
		for k := range y.RawRowView(i) {
			y.RawRowView(i)[k] -= origin.AtVec(k)
		}
	}
	return y
}

// Explained returns the share of the total variance along each component, [K].
func (p Principal) Explained() []float64 {
	shares := make([]float64, len(p.Variances))
	for i, v := range p.Variances {
		shares[i] = v / p.Total
	}
	return shares
}

// ParticipationRatio returns (sum v)^2 / sum v^2 of the eigenvalues v of a covariance: 1 if all variance lies along one
// direction, D if it is the same along D. It is NaN if no variance is above 0.
//
// Source: P. Gao et al., "A theory of multineuronal dimensionality, dynamics and measurement", bioRxiv 214262 (2017),
// eq. 5.
func ParticipationRatio(variances []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range variances {
		sum += v
		squares += v * v
	}
	return sum * sum / squares
}

// Participation returns the participation ratio of observations x [n, D] without their components: the sum of the
// eigenvalues of the covariance is its trace, and that of their squares the sum of its squared entries, both of which
// the smaller Gram matrix shares. Errors: those of PCA.
func Participation(x *mat.Dense) (float64, error) {
	n, d := x.Dims()
	if err := checkFinite(x); err != nil {
		return 0, err
	}
	_, centred := center(x)
	var gram mat.SymDense
	if d <= n {
		gram.SymOuterK(1, centred.T())
	} else {
		gram.SymOuterK(1, centred)
	}
	trace, squares := mat.Trace(&gram), mat.Norm(&gram, 2)
	if n < 2 || trace == 0 {
		return 0, errors.New("neural: all observations are equal: they have no variance")
	}
	return trace / squares * (trace / squares), nil
}

func checkFinite(x *mat.Dense) error {
	n, _ := x.Dims()
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if !numbers.Finite(v) {
				return fmt.Errorf("neural: column %d of observation %d is %g: it must be finite", j, i, v)
			}
		}
	}
	return nil
}
