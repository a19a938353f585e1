package search

import (
	"math"
	"slices"
)

// Importance returns, for each parameter of a space, how much it decides whether a trial is among the best: shares that
// sum to 1. It compares where the best tenth of the trials lie in the parameter's range with where all trials lie, by
// the Pearson divergence of the two densities, PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255, equation 12). Pruned
// trials count among all and rank after the complete ones: without them, a parameter by which pruning selects would
// seem to matter little. A parameter is judged by the trials in which it is active. All shares are NaN where there are
// fewer than MinImportance trials, or no difference at all.
func Importance(space Space, seen []Observation) []float64 {
	divergences := make([]float64, len(space))
	sum := 0.0
	for i := range space {
		divergences[i] = divergence(space, seen, i)
		sum += divergences[i]
	}
	for i := range divergences {
		divergences[i] /= sum
	}
	return divergences
}

// MinImportance is the number of trials below which importances are noise.
const MinImportance = 10

// cells is the number of places at which densities over a range are compared.
const cells = 50

// divergence returns the Pearson divergence of the density of the best trials from that of all, in parameter i.
func divergence(space Space, seen []Observation, i int) float64 {
	judged := slices.DeleteFunc(slices.Clone(seen), func(o Observation) bool {
		return o.State != Complete && o.State != Pruned || math.IsNaN(o.Point[i])
	})
	if len(judged) < MinImportance {
		return 0
	}
	top := best(judged, int(math.Ceil(goodShare*float64(len(judged)))))
	params := []Param{space[i]}
	of := func(trials []Observation) *parzen {
		points := make([][]float64, len(trials))
		weights := make([]float64, len(trials))
		for k, o := range trials {
			points[k], weights[k] = []float64{o.Point[i]}, 1
			if space[i].Kind != KindChoice {
				points[k][0] = space[i].Place(o.Point[i])
			}
		}
		return newParzen(params, points, weights)
	}
	good, all := of(top), of(judged)
	places := make([]float64, cells)
	for c := range places {
		places[c] = (float64(c) + 0.5) / cells
	}
	if space[i].Kind == KindChoice {
		places = nil
		for c := range space[i].Choices {
			places = append(places, float64(c))
		}
	}
	scratch := make([]float64, len(judged)+1)
	sum := 0.0
	for _, x := range places {
		p, q := math.Exp(good.logDensity([]float64{x}, scratch)), math.Exp(all.logDensity([]float64{x}, scratch))
		width := 1.0
		if space[i].Kind != KindChoice {
			width = 1 / float64(len(places))
		}
		sum += width * q * (p/q - 1) * (p/q - 1)
	}
	return sum
}
