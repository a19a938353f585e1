package neural

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Decoder sets how CrossTemporal decodes.
type Decoder struct {
	Folds    int     // parts of the trials, each tested once by a readout that the others made; 2 or more
	Ridge    float64 // penalty of the squared weights; above 0
	Shuffles int     // times that chance is measured, with shuffled labels
}

// DefaultDecoder has ten folds, the penalty of scikit-learn's RidgeClassifier, and chance from 40 shuffles.
var DefaultDecoder = Decoder{Folds: 10, Ridge: 1, Shuffles: 40}

// Decoding is the result of CrossTemporal.
type Decoding struct {
	// Accuracy is the share of the trials whose label a readout made at step t finds at step u, [T][T].
	Accuracy [][]float64
	// Chance is the mean accuracy at each step with shuffled labels, and Low and High its 2.5 % and 97.5 % percentiles
	// over the shuffles, [T]. They are empty without shuffles.
	Chance, Low, High []float64
}

// CrossTemporal decodes labels [n], 0 to C-1, from the states x[t] [n, D] of n trials at each of T steps. For each step
// t and fold, a linear readout is fitted to the trials outside the fold, and tested at all steps on those in it: no
// trial stands on both sides. The readout is ridge regression on +1 for a label and -1 for the others, with an
// intercept without penalty:
//
//	W = (X^T X + ridge I)^-1 X^T Y   of the centred X [m, D] and Y [m, C];   label = argmax (x W + b)
//
// For two labels one column decides by its sign. Chance is measured by the same procedure on shuffled labels. Errors:
// those of StratifiedFolds, unequal sizes, values that are not finite.
//
// Source: scikit-learn's RidgeClassifier and StratifiedKFold; cross-temporal: M. Stokes et al., Neuron 78:364 (2013).
func CrossTemporal(x []*mat.Dense, labels []int, d Decoder, rng *rand.Rand) (Decoding, error) {
	if len(x) == 0 || rng == nil || !(d.Ridge > 0) || d.Shuffles < 0 {
		return Decoding{}, fmt.Errorf("neural: invalid decoder %+v of %d steps: use a ridge above 0, 0 or more "+
			"shuffles, 1 or more steps and a source of randomness", d, len(x))
	}
	for _, at := range x {
		if n, _ := at.Dims(); n != len(labels) {
			return Decoding{}, fmt.Errorf("neural: %d labels for %d trials", len(labels), n)
		}
		if err := checkFinite(at); err != nil {
			return Decoding{}, err
		}
	}
	folds, err := StratifiedFolds(labels, d.Folds, rng)
	if err != nil {
		return Decoding{}, err
	}
	sets := [][]int{labels}
	for range d.Shuffles {
		shuffled := slices.Clone(labels)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		sets = append(sets, shuffled)
	}
	return crossTemporal(x, folds, d, targets(sets))
}

// StratifiedFolds returns the fold, 0 to folds-1, of each trial: the trials of each label, shuffled, are dealt out one
// by one. A label that has fewer trials than folds is an error, and so is a single label.
func StratifiedFolds(labels []int, folds int, rng *rand.Rand) ([]int, error) {
	if folds < 2 {
		return nil, fmt.Errorf("neural: invalid folds %d: use 2 or more", folds)
	}
	trials := map[int][]int{}
	for trial, label := range labels {
		trials[label] = append(trials[label], trial)
	}
	if len(trials) < 2 {
		return nil, errors.New("neural: the label is the same in all trials: nothing can be decoded; use another " +
			"condition")
	}
	fold, next := make([]int, len(labels)), 0
	for label := range len(trials) {
		of := trials[label]
		if len(of) < folds {
			return nil, fmt.Errorf("neural: label %d has %d trials, too few for %d folds: use more trials or fewer "+
				"folds", label, len(of), folds)
		}
		rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		for _, trial := range of {
			fold[trial] = next % folds
			next++
		}
	}
	return fold, nil
}

// coded are label sets as targets: a row of columns for each set, one if there are two labels, else one for each label.
type coded struct {
	sets    [][]int
	columns int        // of a set
	y       *mat.Dense // +1 or -1, [n, sets*columns]
}

func targets(sets [][]int) coded {
	labels := slices.Max(sets[0]) + 1
	c := coded{sets: sets, columns: labels}
	if labels == 2 {
		c.columns = 1
	}
	c.y = mat.NewDense(len(sets[0]), len(sets)*c.columns, nil)
	for s, set := range sets {
		for trial, label := range set {
			for k := range c.columns {
				value := -1.0
				if label == k && c.columns > 1 || label == 1 && c.columns == 1 {
					value = 1
				}
				c.y.Set(trial, s*c.columns+k, value)
			}
		}
	}
	return c
}

// label returns the label that the scores of a set's columns stand for.
func (c coded) label(scores []float64) int {
	if c.columns == 1 {
		if scores[0] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for k, s := range scores {
		if s > scores[best] {
			best = k
		}
	}
	return best
}

func crossTemporal(x []*mat.Dense, fold []int, d Decoder, c coded) (Decoding, error) {
	steps, n := len(x), len(fold)
	result := Decoding{Accuracy: make([][]float64, steps)}
	for t := range x {
		readouts, err := fit(x[t], fold, d, c)
		if err != nil {
			return Decoding{}, err
		}
		result.Accuracy[t] = make([]float64, steps)
		chance := make([]float64, len(c.sets)-1)
		for f, r := range readouts {
			for u := range x {
				if u == t {
					right := r.test(x[u], fold, f, c, len(c.sets))
					result.Accuracy[t][u] += float64(right[0])
					for s, k := range right[1:] {
						chance[s] += float64(k)
					}
					continue
				}
				result.Accuracy[t][u] += float64(r.test(x[u], fold, f, c, 1)[0])
			}
		}
		scale(result.Accuracy[t], 1/float64(n))
		scale(chance, 1/float64(n))
		if len(chance) > 0 {
			mean, low, high := spread(chance)
			result.Chance, result.Low = append(result.Chance, mean), append(result.Low, low)
			result.High = append(result.High, high)
		}
	}
	return result, nil
}

// readout is a linear readout: scores = x W + b.
type readout struct {
	w *mat.Dense // [D, columns of all sets]
	b []float64
}

// fit returns the readout of each fold, made from the trials outside it. Sums over those trials are the sums over all
// trials less those over the fold.
func fit(x *mat.Dense, fold []int, d Decoder, c coded) ([]readout, error) {
	_, size := x.Dims()
	_, columns := c.y.Dims()
	whole := sumsOf(x, c.y)
	readouts := make([]readout, d.Folds)
	for f := range readouts {
		inX, inY := rowsOf(x, fold, f), rowsOf(c.y, fold, f)
		s := whole.less(sumsOf(inX, inY))
		gram, right := mat.NewSymDense(size, nil), mat.NewDense(size, columns, nil)
		for i := range size {
			for j := i; j < size; j++ {
				gram.SetSym(i, j, s.xx.At(i, j)-s.x[i]*s.x[j]/s.n)
			}
			gram.SetSym(i, i, gram.At(i, i)+d.Ridge)
			for k := range columns {
				right.Set(i, k, s.xy.At(i, k)-s.x[i]*s.y[k]/s.n)
			}
		}
		var factor mat.Cholesky
		if !factor.Factorize(gram) {
			return nil, errors.New("neural: the states cannot be told apart: use a larger ridge")
		}
		w := new(mat.Dense)
		if err := factor.SolveTo(w, right); err != nil {
			return nil, fmt.Errorf("neural: %w: use a larger ridge", err)
		}
		b := make([]float64, columns)
		for k := range b {
			b[k] = s.y[k] / s.n
			for i := range size {
				b[k] -= s.x[i] / s.n * w.At(i, k)
			}
		}
		readouts[f] = readout{w, b}
	}
	return readouts, nil
}

// test returns the number of a fold's trials that the readout labels right, for each of the first sets.
func (r readout) test(x *mat.Dense, fold []int, f int, c coded, sets int) []int {
	in := rowsOf(x, fold, f)
	size, _ := r.w.Dims()
	var scores mat.Dense
	scores.Mul(in, r.w.Slice(0, size, 0, sets*c.columns))
	right, row := make([]int, sets), 0
	at := make([]float64, c.columns)
	for trial, of := range fold {
		if of != f {
			continue
		}
		for s := range sets {
			for k := range at {
				at[k] = scores.At(row, s*c.columns+k) + r.b[s*c.columns+k]
			}
			if c.label(at) == c.sets[s][trial] {
				right[s]++
			}
		}
		row++
	}
	return right
}

// rowsOf returns the rows of the trials in a fold.
func rowsOf(x *mat.Dense, fold []int, f int) *mat.Dense {
	_, d := x.Dims()
	var data []float64
	for trial, of := range fold {
		if of == f {
			data = append(data, x.RawRowView(trial)...)
		}
	}
	return mat.NewDense(len(data)/d, d, data)
}

// sums are what ridge regression needs of n rows of x [n, D] and y [n, C].
type sums struct {
	n    float64
	x, y []float64
	xx   *mat.SymDense // x^T x, [D, D]
	xy   *mat.Dense    // x^T y, [D, C]
}

func sumsOf(x, y *mat.Dense) sums {
	n, d := x.Dims()
	_, c := y.Dims()
	s := sums{n: float64(n), x: make([]float64, d), y: make([]float64, c), xx: mat.NewSymDense(d, nil),
		xy: new(mat.Dense)}
	s.xx.SymOuterK(1, x.T())
	s.xy.Mul(x.T(), y)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			s.x[j] += v
		}
		for k, v := range y.RawRowView(i) {
			s.y[k] += v
		}
	}
	return s
}

func (s sums) less(o sums) sums {
	d, c := s.xy.Dims()
	rest := sums{n: s.n - o.n, x: make([]float64, d), y: make([]float64, c), xx: mat.NewSymDense(d, nil),
		xy: mat.NewDense(d, c, nil)}
	for i := range d {
		rest.x[i] = s.x[i] - o.x[i]
		for j := i; j < d; j++ {
			rest.xx.SetSym(i, j, s.xx.At(i, j)-o.xx.At(i, j))
		}
	}
	for k := range c {
		rest.y[k] = s.y[k] - o.y[k]
	}
	rest.xy.Sub(s.xy, o.xy)
	return rest
}

// spread returns the mean and the 2.5 % and 97.5 % percentiles of values, which it sorts.
func spread(values []float64) (mean, low, high float64) {
	slices.Sort(values)
	for _, v := range values {
		mean += v / float64(len(values))
	}
	at := func(share float64) float64 { // NumPy's linear interpolation
		place := share * float64(len(values)-1)
		i := int(place)
		return values[i] + (place-float64(i))*(values[min(i+1, len(values)-1)]-values[i])
	}
	return mean, at(0.025), at(0.975)
}
