package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
)

const (
	// PriorityFloor is the least priority of a transition held: a lower one counts as this, so that a window
	// whose error was 0 is drawn again some day. Schaul et al. add such an epsilon instead, section 3.3.
	PriorityFloor = 1e-6
	// PriorityCeiling is the largest priority: beyond it the sum of all might not be finite. Errors of
	// float32 networks never come near it.
	PriorityCeiling = 1e100
	// PriorityEta is the share of the largest error in Priority.
	PriorityEta = 0.9
)

// Priority returns a window's priority, given the TD errors of its steps with loss:
//
//	p = eta * max |td| + (1 - eta) * mean |td|,  eta = PriorityEta
//
// (R2D2, Kapturowski et al. 2019, section 2.3). Of no errors, or where one is NaN, it is NaN, which Update
// refuses.
func Priority(tds []float64) float64 {
	largest, sum := 0.0, 0.0
	for _, td := range tds {
		largest = max(largest, math.Abs(td))
		sum += math.Abs(td)
	}
	return PriorityEta*largest + (1-PriorityEta)*sum/float64(len(tds))
}

// priorities holds the priorities by which prioritised windows are drawn. Transition c has value c mod capacity of the
// tree: a pushed transition takes the place of the overwritten one, which then can no longer be drawn.
type priorities struct {
	alpha   float64
	highest float64  // p^alpha of the highest priority so far
	tree    *sumTree // [capacity] p^alpha
}

// prioritize makes the ring keep priorities from now on. Transitions already held get the first priority, 1.
func (r *Ring) prioritize(alpha float64) error {
	if r.priorities != nil {
		if r.priorities.alpha != alpha {
			return fmt.Errorf("replay: alpha %v for a ring whose priorities have alpha %v: a ring has one alpha", alpha,
				r.priorities.alpha)
		}
		return nil
	}
	if err := r.newPriorities(alpha, 1); err != nil {
		return err
	}
	tree := r.priorities.tree
	for i := range r.Len() {
		tree.values()[i] = 1
	}
	tree.add()
	return nil
}

// newPriorities gives the ring priorities, all 0.
func (r *Ring) newPriorities(alpha, highest float64) error {
	if bytes := r.options.bytes() + r.options.priorityBytes(); bytes > maxBytes {
		return fmt.Errorf("replay: capacity %d with priorities would take %.1f GB: use a smaller one",
			r.options.Capacity, bytes/1e9)
	}
	r.priorities = &priorities{alpha: alpha, highest: highest, tree: newSumTree(r.options.Capacity)}
	return nil
}

// priorityBytes returns the memory of the priorities.
func (o Options) priorityBytes() float64 { return 8 * float64(sumTreeNodes(o.Capacity)) }

// raise returns p^alpha of a priority p.
func (p *priorities) raise(priority float64) float64 {
	return math.Pow(max(priority, PriorityFloor), p.alpha)
}

// leaf returns the place of transition c in the tree.
func (r *Ring) leaf(c int64) int { return int(c % int64(r.options.Capacity)) }

// drawPrioritized draws a transition held with probability p^alpha / sum of all (Schaul et al. 2016, equation 1).
func (r *Ring) drawPrioritized(rng *rand.Rand) int64 {
	tree := r.priorities.tree
	leaf := tree.Find(rng.Float64() * tree.Total())
	oldest, capacity := r.oldest(), r.options.Capacity
	return oldest + int64((leaf-r.leaf(oldest)+capacity)%capacity)
}

// weigh writes the importance weights of the transitions into weights:
//
//	w_i = (N P(i))^-beta / max_j w_j = (min_j v_j / v_i)^beta,  v = p^alpha,  P(i) = v_i / sum
//
// (Schaul et al. 2016, section 3.4): N and the sum fall out.
func (r *Ring) weigh(weights []float32, indices []int64, beta float64) {
	tree := r.priorities.tree
	least := math.Inf(1)
	for _, c := range indices {
		least = min(least, tree.Get(r.leaf(c)))
	}
	for i, c := range indices {
		weights[i] = float32(math.Pow(least/tree.Get(r.leaf(c)), beta))
	}
}

// SetBeta sets the exponent of the importance weights of the batches sampled from now on, from 0 (at first: no
// correction, all weights 1) to 1 (the full one). Schaul et al. let it grow to 1 in the course of training.
func (w *Windows) SetBeta(beta float64) error {
	if w.window.End != EndPrioritized {
		return fmt.Errorf("replay: beta for windows with end %q: only prioritized ones have weights", w.window.End)
	}
	if !(beta >= 0 && beta <= 1) {
		return fmt.Errorf("replay: invalid beta %v: use 0 to 1", beta)
	}
	w.beta = beta
	return nil
}

// Update sets the priorities of transitions, given by their numbers (Batch.Indices): not yet raised to alpha,
// from 0 to PriorityCeiling (see Priority). Of a number given twice the last counts. Numbers no longer held are
// skipped; stale is how many. After an error no priority is changed. It does not allocate; it costs O(log N) a
// transition.
func (w *Windows) Update(indices []int64, priorities []float64) (stale int, err error) {
	if err := w.checkUpdate(indices, priorities); err != nil {
		return 0, err
	}
	r, p := w.ring, w.ring.priorities
	for i, c := range indices {
		if c < r.oldest() {
			stale++
			continue
		}
		value := p.raise(priorities[i])
		p.highest = max(p.highest, value)
		p.tree.Set(r.leaf(c), value)
	}
	return stale, nil
}

func (w *Windows) checkUpdate(indices []int64, priorities []float64) error {
	switch {
	case w.window.End != EndPrioritized:
		return fmt.Errorf("replay: priorities for windows with end %q: only prioritized ones have them", w.window.End)
	case len(indices) != len(priorities):
		return fmt.Errorf("replay: %d priorities for %d transitions", len(priorities), len(indices))
	}
	for i, c := range indices {
		if c < 0 || c >= w.ring.count {
			return fmt.Errorf("replay: a priority for transition %d, which was never pushed: there are %d", c,
				w.ring.count)
		}
		if p := priorities[i]; !(p >= 0 && p <= PriorityCeiling) {
			return fmt.Errorf("replay: invalid priority %v of transition %d: use 0 to %g", p, c,
				PriorityCeiling)
		}
	}
	return nil
}
