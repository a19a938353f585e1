package replay

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Trials draws whole finished episodes of unequal length, each batch padded to its longest: the older
// trial-based buffer, kept to be compared with padded windows (see Usage).
type Trials struct {
	ring    *Ring
	longest int
	drawn   []int64
}

// ErrNoTrial is returned by Sample if no finished episode is held as a whole.
var ErrNoTrial = errors.New("the replay buffer holds no whole finished episode: " +
	"act until one ends, or choose a larger capacity")

// Trials returns the sampler of whole episodes of at most longest steps; a longer one keeps its last steps.
func (r *Ring) Trials(longest int) (*Trials, error) {
	if longest < 1 || longest > r.options.Capacity/r.options.Lanes {
		return nil, fmt.Errorf("replay: invalid trials of up to %d steps in a ring of %d per environment",
			longest, r.options.Capacity/r.options.Lanes)
	}
	return &Trials{ring: r, longest: longest}, nil
}

// NewBatch implements Sampler: it has room for the longest trials.
func (t *Trials) NewBatch(size int) (*Batch, error) {
	return NewBatch(size, t.longest, t.ring.options.ObservationSize, t.ring.options.StateSize)
}

// Sample implements Sampler: dst.Steps becomes the length of the longest trial drawn.
func (t *Trials) Sample(dst *Batch, rng *rand.Rand) error {
	if err := t.ring.checkBatch(dst); err != nil {
		return err
	}
	if cap(dst.Rewards) < dst.Size*t.longest {
		return fmt.Errorf("replay: a batch without room for trials of %d steps: make it with NewBatch", t.longest)
	}
	if !t.ring.holdsWholeEpisode() {
		return ErrNoTrial
	}
	t.drawn = t.drawn[:0]
	w := Window{End: EndEpisode, Start: StartZero}
	for range dst.Size {
		end := t.draw(rng)
		t.drawn = append(t.drawn, end)
		w.Length = max(w.Length, min(t.longest, t.ring.lengthAt(end)))
	}
	dst.resize(w.Length)
	for i, end := range t.drawn {
		t.ring.Window(w, end, dst, i)
	}
	return nil
}

// draw draws the end of a whole finished episode, each equally likely.
func (t *Trials) draw(rng *rand.Rand) int64 {
	r := t.ring
	for {
		end := r.endAt(r.oldestEnd + rng.Int64N(r.endCount-r.oldestEnd))
		if r.whole(end) {
			return end
		}
	}
}

// holdsWholeEpisode looks from the newest end back: only each lane's oldest episode can be cut, so it finds one
// within N+1 ends.
func (r *Ring) holdsWholeEpisode() bool {
	for e := r.endCount - 1; e >= r.oldestEnd; e-- {
		if r.whole(r.endAt(e)) {
			return true
		}
	}
	return false
}

// whole reports whether the episode that ends at transition end is held from its beginning.
func (r *Ring) whole(end int64) bool {
	return end-int64(r.lengthAt(end)-1)*int64(r.options.Lanes) >= r.oldest()
}

// lengthAt returns the length of an episode up to and including transition c.
func (r *Ring) lengthAt(c int64) int { return int(r.steps[r.slot(c)]) + 1 }
