package neural

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Selectivity is how much of a unit's variance over trials a condition explains: a one-way analysis of variance.
type Selectivity struct {
	// Share is eta squared, the sum of squares between the labels over the total: 0 if the means of all labels are
	// equal, 1 if the label says all.
	Share float64
	// F is the variance between the labels over that within, with C-1 and n-C degrees of freedom; infinite if there is
	// none within.
	F float64
}

// Selective returns the selectivity of a unit's values [n], one for each trial, for labels [n] of 0 to C-1. A value
// that is the same in all trials has the share 0 and an F of 0. Unequal lengths, values that are not finite, a single
// label, and no more trials than labels are errors.
//
// Source: R. Fisher, Statistical Methods for Research Workers (1925), chapter VII; scipy.stats.f_oneway.
func Selective(values []float64, labels []int) (Selectivity, error) {
	n := float64(len(values))
	if len(values) != len(labels) || len(values) == 0 {
		return Selectivity{}, fmt.Errorf("neural: %d values for %d labels: use as many, and 3 or more", len(values),
			len(labels))
	}
	if err := checkFinite(mat.NewDense(len(values), 1, values)); err != nil {
		return Selectivity{}, err
	}
	mean := 0.0
	sums, counts := map[int]float64{}, map[int]float64{}
	for i, v := range values {
		mean += v / n
		sums[labels[i]] += v
		counts[labels[i]]++
	}
	c := float64(len(counts))
	if c < 2 || n <= c {
		return Selectivity{}, fmt.Errorf("neural: %d trials of %d labels: use 2 labels or more, and more trials than "+
			"labels", len(values), len(counts))
	}
	between, within := 0.0, 0.0
	for i, v := range values {
		of := sums[labels[i]] / counts[labels[i]]
		between += (of - mean) * (of - mean)
		within += (v - of) * (v - of)
	}
	switch {
	case between+within <= n*math.Pow(n*mean*epsilon, 2): // constant, except for rounding
		return Selectivity{}, nil
	case within == 0:
		return Selectivity{1, math.Inf(1)}, nil
	}
	return Selectivity{between / (between + within), between / (c - 1) / (within / (n - c))}, nil
}

// Alignment returns the mean of |cos| of the angles between v [H] and each row of the readout [A, H]: 1 if v lies along
// all of them, 0 if it is perpendicular to all, so that no linear readout sees it. Rows of zeros, and a v of zeros, are
// errors.
//
// Source: K. Aitken and S. Mihalas, eLife 83035 (2023), the alignment of h with readout vectors.
func Alignment(v []float64, readout *mat.Dense) (float64, error) {
	rows, columns := readout.Dims()
	if columns != len(v) {
		return 0, fmt.Errorf("neural: a vector of %d and readout vectors of %d", len(v), columns)
	}
	if err := errors.Join(checkFinite(readout), checkFinite(mat.NewDense(1, len(v), v))); err != nil {
		return 0, err
	}
	sum := 0.0
	for k := range rows {
		row := readout.RawRowView(k)
		product := 0.0
		for i, r := range row {
			product += r * v[i]
		}
		sum += math.Abs(product) / math.Sqrt(sumOfSquares(row)*sumOfSquares(v)) / float64(rows)
	}
	if math.IsNaN(sum) {
		return 0, errors.New("neural: a vector of zeros has no direction")
	}
	return sum, nil
}

// Beside returns the columns of several blocks [n, D_k] side by side, [n, sum of D_k], each block divided by the root
// of its total variance, so that a penalty of a readout weighs them alike: h and M for decoding from both. A block
// without variance, except for rounding, is left as it is. Blocks of different lengths are an error.
func Beside(blocks ...*mat.Dense) (*mat.Dense, error) {
	var joined *mat.Dense
	for _, block := range blocks {
		if err := checkFinite(block); err != nil {
			return nil, err
		}
		n, _ := block.Dims()
		_, centred := center(block)
		scaled := mat.DenseCopyOf(block)
		variance := sumOfSquares(centred.RawMatrix().Data) / float64(n)
		if rounding := 1e-24 * sumOfSquares(block.RawMatrix().Data) / float64(n); variance > rounding {
			scaled.Scale(1/math.Sqrt(variance), block)
		}
		if joined == nil {
			joined = scaled
			continue
		}
		if rows, _ := joined.Dims(); rows != n {
			return nil, fmt.Errorf("neural: blocks of %d and %d observations cannot stand side by side", rows, n)
		}
		wider := new(mat.Dense)
		wider.Augment(joined, scaled)
		joined = wider
	}
	if joined == nil {
		return nil, errors.New("neural: no blocks: use 1 or more")
	}
	return joined, nil
}
