package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// The defaults of TPE. As in Optuna 5: 10 startup trials, 24 candidates, and the best tenth, 25 at most, count as good.
// The more parameters are drawn together, the more candidates help: eight for each, 24 at least.
const (
	DefaultStartup    = 10
	DefaultCandidates = 24
	candidatesEach    = 8
	goodShare         = 0.1
	maxGood           = 25
	// maxOthers bounds the time of a suggestion: of more trials, only every second, third ... is used.
	maxOthers = 1000
)

// TPE is the multivariate tree-structured Parzen estimator (Bergstra et al. 2011). It models the good trials by a
// density l and the others by a density g, over all parameters that are active together, draws candidates from l and
// proposes the one with the largest l/g. Pending trials count among the others (constant liar: Ginsbourger et al.
// 2010), so that parallel trials stay apart. The first trials are a Halton sequence.
//
// Parameters with the same condition form a group. Groups are drawn one after another, where the values drawn before
// switch them on, each from the trials in which it was active.
type TPE struct {
	space      Space
	groups     [][]int
	seed       uint64
	startup    *Halton
	started    int // number of startup trials
	candidates int // 0: the default
}

func newTPE(space Space, seed uint64, m Method) *TPE {
	t := &TPE{space: space, seed: seed, startup: newHalton(space, seed), started: m.Startup, candidates: m.Candidates}
	if t.started == 0 {
		t.started = DefaultStartup
	}
	for i, p := range space { // a group has the place of its first parameter, after the choice on which it depends
		g := slices.IndexFunc(t.groups, func(group []int) bool { return sameCondition(space[group[0]].When, p.When) })
		if g < 0 {
			g, t.groups = len(t.groups), append(t.groups, nil)
		}
		t.groups[g] = append(t.groups[g], i)
	}
	return t
}

func sameCondition(a, b *Condition) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Param == b.Param && slices.Equal(a.In, b.In)
}

// Uses implements Sampler.
func (*TPE) Uses() bool { return true }

// Suggest implements Sampler.
func (t *TPE) Suggest(trial int, seen []Observation) (Point, error) {
	if ended(seen) < t.started {
		return t.startup.Suggest(trial, seen)
	}
	rng := rand.New(rand.NewPCG(t.seed, uint64(trial)))
	point := make(Point, len(t.space))
	for i := range point {
		point[i] = inactive
	}
	for _, group := range t.groups {
		if t.space.Active(group[0], point) {
			t.drawGroup(group, seen, point, rng)
		}
	}
	return point, nil
}

// ended counts the trials that are not pending.
func ended(seen []Observation) (n int) {
	for _, o := range seen {
		if o.State != Pending {
			n++
		}
	}
	return n
}

// drawGroup sets the parameters of a group in the point.
func (t *TPE) drawGroup(group []int, seen []Observation, point Point, rng *rand.Rand) {
	params := make([]Param, len(group))
	for j, i := range group {
		params[j] = t.space[i]
	}
	good, others := split(seen, group[0])
	l, g := density(params, group, good, improvements(good)), density(params, group, others, recency(len(others)))
	scratch := make([]float64, len(l.centers)+len(g.centers))
	var best []float64
	bestScore := math.Inf(-1)
	candidates := t.candidates
	if candidates == 0 {
		candidates = max(DefaultCandidates, candidatesEach*len(group))
	}
	for range candidates {
		x := l.draw(rng)
		if score := l.logDensity(x, scratch) - g.logDensity(x, scratch); best == nil || score > bestScore {
			best, bestScore = x, score
		}
	}
	for j, i := range group {
		point[i] = best[j]
		if params[j].Kind != KindChoice {
			point[i] = params[j].at(best[j])
		}
	}
}

// split returns the trials in which a parameter is active, in the order of their numbers: those that are among the good
// ones of all trials, and the others.
func split(seen []Observation, param int) (good, others []Observation) {
	active := func(o Observation) bool { return !math.IsNaN(o.Point[param]) }
	good = best(seen, min(int(math.Ceil(goodShare*float64(ended(seen)))), maxGood))
	good = slices.DeleteFunc(good, func(o Observation) bool { return !active(o) || o.State == Failed })
	slices.SortFunc(good, func(a, b Observation) int { return cmp.Compare(a.Trial, b.Trial) })
	rest := make([]int, 0, len(seen))
	next := 0
	for i, o := range seen {
		switch {
		case next < len(good) && good[next].Trial == o.Trial:
			next++
		case active(o):
			rest = append(rest, i)
		}
	}
	for _, i := range thin(rest) {
		others = append(others, seen[i])
	}
	return good, others
}

// best returns the n best trials, best first; of equal ones the earlier.
func best(trials []Observation, n int) []Observation {
	var top []Observation
	for _, o := range trials {
		at, _ := slices.BinarySearchFunc(top, o, func(t, o Observation) int { return cmp.Or(Compare(t, o), -1) })
		if at < n {
			top = slices.Insert(top, at, o)[:min(len(top)+1, n)]
		}
	}
	return top
}

// thin returns every second, third ... of some trials, the last included, so that at most maxOthers are left.
func thin(trials []int) (kept []int) {
	every := (len(trials) + maxOthers - 1) / maxOthers
	for i := len(trials) - 1; i >= 0; i -= every {
		kept = append(kept, trials[i])
	}
	slices.Reverse(kept)
	return kept
}

// Compare returns a negative number where a is better than b, a positive one where it is worse, and otherwise 0:
// complete trials come first, by loss, then pruned ones, those that came far first, then failed ones.
func Compare(a, b Observation) int {
	if a.State != b.State {
		order := []State{Complete, Pruned, Failed, Pending}
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	}
	if a.State == Pruned && a.Step != b.Step {
		return int(b.Step - a.Step)
	}
	switch { // NaN is last
	case a.Loss < b.Loss || !math.IsNaN(a.Loss) && math.IsNaN(b.Loss):
		return -1
	case a.Loss > b.Loss || math.IsNaN(a.Loss) && !math.IsNaN(b.Loss):
		return 1
	}
	return 0
}

// density returns the density of the trials' values of a group.
func density(params []Param, group []int, trials []Observation, weights []float64) *parzen {
	points := make([][]float64, len(trials))
	for k, o := range trials {
		points[k] = make([]float64, len(group))
		for j, i := range group {
			points[k][j] = o.Point[i]
			if params[j].Kind != KindChoice {
				points[k][j] = params[j].Place(o.Point[i])
			}
		}
	}
	return newParzen(params, points, weights)
}

// improvements returns the weights of good trials, 1 on average over the complete ones: one half of a weight is the
// same for all, the other in proportion to how much better the trial is than the worst of them (expected improvement:
// Watanabe 2023, section 3.2). A pruned trial's loss may be on another scale (a score where the goal is a number of
// updates), so it gets the least weight.
func improvements(good []Observation) []float64 {
	weights := make([]float64, len(good))
	worst, sum, complete := math.Inf(-1), 0.0, 0
	for _, o := range good {
		if o.State == Complete {
			worst = math.Max(worst, finiteOr(o.Loss, math.Inf(-1)))
		}
	}
	for i, o := range good {
		if o.State == Complete {
			weights[i] = worst - finiteOr(o.Loss, worst)
			sum, complete = sum+weights[i], complete+1
		}
	}
	for i, o := range good {
		switch {
		case sum == 0:
			weights[i] = 1
		case o.State == Complete:
			weights[i] = 0.5 + 0.5*weights[i]*float64(complete)/sum
		default:
			weights[i] = 0.5
		}
	}
	return weights
}

// finiteOr returns x where it is finite, otherwise other.
func finiteOr(x, other float64) float64 {
	if numbers.Finite(x) {
		return x
	}
	return other
}

// recency returns the weights of n trials in order: 1 for the last 25, and less for those before, down to 1/n (Bergstra
// et al. 2013).
func recency(n int) []float64 {
	const full = 25
	weights := make([]float64, n, n+1)
	for i := range weights {
		weights[i] = 1
		if old := n - full; i < old {
			weights[i] = 1 / float64(n)
			if old > 1 {
				weights[i] += (1 - 1/float64(n)) * float64(i) / float64(old-1)
			}
		}
	}
	return weights
}
