package neural

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// R2 returns the share of the variance of y [n] that a linear function of x [n, D] with an intercept explains, fitted
// to the same observations by least squares: 1 - residual / total. Columns of x that depend on each other are allowed.
// A constant y, unequal lengths and values that are not finite are errors.
func R2(x *mat.Dense, y []float64) (float64, error) {
	if len(y) == 0 {
		return 0, errors.New("neural: 0 values: use 2 or more")
	}
	return Explained(x, mat.NewDense(len(y), 1, slices.Clone(y)))
}

// Explained returns the share of the total variance of the columns of y [n, K], such as the units of h, that linear
// functions of x [n, D] with an intercept explain: R2 of the columns, weighted by their variances, as scikit-learn's
// r2_score with multioutput="variance_weighted". Errors: those of R2.
func Explained(x, y *mat.Dense) (float64, error) {
	n, _ := x.Dims()
	if rows, _ := y.Dims(); n != rows || n < 2 {
		return 0, fmt.Errorf("neural: %d observations for %d values: use 2 or more, and as many", n, rows)
	}
	if err := errors.Join(checkFinite(x), checkFinite(y)); err != nil {
		return 0, err
	}
	_, centredY := center(y)
	total := sumOfSquares(centredY.RawMatrix().Data)
	if total == 0 {
		return 0, errors.New("neural: the variable is constant: it has no variance to explain")
	}
	_, centred := center(x)
	var svd mat.SVD
	if !svd.Factorize(centred, mat.SVDThin) {
		return 0, errors.New("neural: the singular values did not converge")
	}
	var u, along mat.Dense
	svd.UTo(&u)
	along.Mul(u.T(), centredY)
	explained := 0.0
	for i := range rank(svd.Values(nil), n, len(svd.Values(nil))) {
		explained += sumOfSquares(along.RawRowView(i))
	}
	return min(1, explained/total), nil // rounding may exceed 1
}

func sumOfSquares(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// ROC returns the area under the receiver operating characteristic: the probability that a value of a trial of the
// condition is larger than one of another trial, ties counting half. 0.5 tells nothing; 1 and 0 separate perfectly. It
// equals the Mann-Whitney U over the product of the counts. A condition that all trials or none have is an error.
func ROC(values []float64, has []bool) (float64, error) {
	if len(values) != len(has) {
		return 0, fmt.Errorf("neural: %d values for %d trials", len(values), len(has))
	}
	order := make([]int, len(values))
	for i := range order {
		if math.IsNaN(values[i]) {
			return 0, fmt.Errorf("neural: value %d is NaN", i)
		}
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks, with := 0.0, 0.0
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			if has[i] {
				ranks += float64(from+to+1) / 2 // the mean of the ranks from+1 to to
				with++
			}
		}
		from = to
	}
	without := float64(len(values)) - with
	if with == 0 || without == 0 {
		return 0, errors.New("neural: the condition is the same in all trials: use another")
	}
	return (ranks - with*(with+1)/2) / (with * without), nil
}

// ROCChance returns the interval in which 95 % of the areas under the ROC lie if the condition is shuffled over the
// trials: a unit whose area lies outside is tuned to it.
func ROCChance(values []float64, has []bool, shuffles int, rng *rand.Rand) (low, high float64, err error) {
	if shuffles < 1 || rng == nil {
		return 0, 0, fmt.Errorf("neural: invalid shuffles %d: use 1 or more, and a source of randomness", shuffles)
	}
	shuffled, areas := slices.Clone(has), make([]float64, shuffles)
	for i := range areas {
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if areas[i], err = ROC(values, shuffled); err != nil {
			return 0, 0, err
		}
	}
	_, low, high = spread(areas)
	return low, high, nil
}

// Rank returns the number of singular values of m above rounding: max(rows, columns) eps times the largest, as NumPy's
// matrix_rank does. It is 0 for a matrix of zeros.
func Rank(m *mat.Dense) (int, error) {
	if err := checkFinite(m); err != nil {
		return 0, err
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return 0, errors.New("neural: the singular values did not converge")
	}
	rows, columns := m.Dims()
	return rank(svd.Values(nil), rows, columns), nil
}

func rank(values []float64, rows, columns int) (n int) {
	for _, v := range values {
		if v > values[0]*float64(max(rows, columns))*epsilon {
			n++
		}
	}
	return n
}

// Sparsity returns (sqrt n - |x|_1 / |x|_2) / (sqrt n - 1) of n numbers: 0 if all have the same magnitude, 1 if only
// one is not zero. It is NaN for zeros only, and for a single number.
//
// Source: P. Hoyer, "Non-negative matrix factorization with sparseness constraints", JMLR 5:1457 (2004), section 3.1.
func Sparsity(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Abs(v)
	}
	root := math.Sqrt(float64(len(x)))
	return (root - sum/math.Sqrt(sumOfSquares(x))) / (root - 1)
}

// RootMeanSquare returns sqrt(sum x^2 / n): the norm of h over sqrt(H), and that of M over sqrt(H I).
func RootMeanSquare(x []float64) float64 { return math.Sqrt(sumOfSquares(x) / float64(len(x))) }

// Wilson returns the 95 % confidence interval of a probability after k successes in n trials. It is NaN for n of 0.
//
// Source: E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22:209 (1927).
func Wilson(k, n int) (low, high float64) {
	const z = 1.959963984540054
	p, trials := float64(k)/float64(n), float64(n)
	center := p + z*z/(2*trials)
	half := z * math.Sqrt(p*(1-p)/trials+z*z/(4*trials*trials))
	return max(0, (center-half)/(1+z*z/trials)), min(1, (center+half)/(1+z*z/trials))
}
