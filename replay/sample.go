package replay

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Sampler draws batches to learn on.
type Sampler interface {
	// NewBatch makes a batch of the given number of windows that Sample can fill.
	NewBatch(size int) (*Batch, error)
	// Sample overwrites every row of dst, with replacement. It does not allocate.
	Sample(dst *Batch, rng *rand.Rand) error
}

// Windows draws padded windows of a fixed number of steps from a ring.
type Windows struct {
	ring   *Ring
	window Window
	steps  int
	beta   float64 // exponent of the importance weights
}

var _, _ Sampler = (*Windows)(nil), (*Trials)(nil)

// Windows returns the sampler of windows w of the ring. The first with EndPrioritized has the ring keep
// priorities from then on, which later ones share; they must have the same Alpha.
func (r *Ring) Windows(w Window) (*Windows, error) {
	if err := w.check(r.options); err != nil {
		return nil, err
	}
	if w.End == EndPrioritized {
		if err := r.prioritize(w.Alpha); err != nil {
			return nil, err
		}
	}
	return &Windows{ring: r, window: w, steps: w.Steps(r.options.StateEvery)}, nil
}

// NewBatch implements Sampler.
func (w *Windows) NewBatch(size int) (*Batch, error) {
	return NewBatch(size, w.steps, w.ring.options.ObservationSize, w.ring.options.StateSize)
}

// Sample implements Sampler: each row's window ends at a transition drawn anew. It costs O(B·T), and with
// EndPrioritized O(log N) a row.
func (w *Windows) Sample(dst *Batch, rng *rand.Rand) error {
	if err := w.ring.checkBatch(dst); err != nil {
		return err
	}
	if dst.Steps != w.steps {
		return fmt.Errorf("replay: a batch of %d steps for windows of %d: make it with NewBatch", dst.Steps, w.steps)
	}
	if w.ring.Len() == 0 {
		return ErrEmpty
	}
	if !w.Ready() {
		return ErrNotWhole
	}
	for i := range dst.Size {
		w.ring.Window(w.window, w.drawEnd(rng), dst, i)
	}
	if w.window.End == EndPrioritized {
		w.ring.weigh(dst.Weights, dst.Indices, w.beta)
	}
	return nil
}

// ErrNotWhole is returned by Sample if the ring holds no window that may be drawn.
var ErrNotWhole = errors.New("the replay buffer holds no window that begins with its episode: " +
	"act on, or choose a longer window")

// Ready reports whether there is a window to draw. It looks from the newest transition back, which is good unless whole
// windows are asked for.
func (w *Windows) Ready() bool {
	r := w.ring
	for c := r.count - 1; c >= r.oldest(); c-- {
		if w.mayDraw(c) {
			return true
		}
	}
	return false
}

// mayDraw reports whether a window that ends at transition c, which must be held, can be drawn.
func (w *Windows) mayDraw(c int64) bool {
	return w.ring.mayEnd(w.window, c) && (w.window.End != EndEpisode || w.ring.endsEpisode(c))
}

// tries bounds how often an end is drawn anew because none may lie there. In a ring that holds many windows few are
// refused.
const tries = 64

// drawEnd draws the last transition of a window, of those that may be one.
func (w *Windows) drawEnd(rng *rand.Rand) int64 {
	for range tries {
		if c := w.drawAnyEnd(rng); w.ring.mayEnd(w.window, c) {
			return c
		}
	}
	return w.searchEnd(rng)
}

// searchEnd draws like drawEnd, but from a list of all transitions that may be drawn: it takes O(capacity).
func (w *Windows) searchEnd(rng *rand.Rand) int64 {
	r := w.ring
	var drawn int64
	sum := 0.0
	for c := r.oldest(); c < r.count; c++ {
		if !w.mayDraw(c) {
			continue
		}
		weight := 1.0
		if w.window.End == EndPrioritized {
			weight = r.priorities.tree.Get(r.leaf(c))
		}
		if sum += weight; rng.Float64()*sum < weight {
			drawn = c
		}
	}
	return drawn
}

// endsEpisode reports whether an episode ends at transition c, or c is the newest transition of one that has not ended.
func (r *Ring) endsEpisode(c int64) bool {
	return r.flags[r.slot(c)]&endsEpisode != 0 || c+int64(r.options.Lanes) >= r.count
}

// drawAnyEnd draws the last transition of a window, whether the window may be drawn or not.
func (w *Windows) drawAnyEnd(rng *rand.Rand) int64 {
	switch w.window.End {
	case EndEpisode:
		return w.ring.drawEpisode(rng)
	case EndPrioritized:
		return w.ring.drawPrioritized(rng)
	}
	return w.ring.oldest() + rng.Int64N(int64(w.ring.Len()))
}

// Window writes the window that ends at transition number last into row i of dst, with its start state
// and the weight 1. The transition must be held: from Count()-Len() on, and less than Count().
func (r *Ring) Window(w Window, last int64, dst *Batch, i int) {
	s := r.span(w, last)
	dst.fill(i, r, s)
	start := row(dst.Start, i, dst.StateSize)
	if w.Start == StartStored && s.begin > 0 {
		copy(start, r.state(int(r.stateSlots[r.slot(s.first)])))
	} else {
		clear(start)
	}
}

// drawEpisode draws the last transition of an episode held, each equally likely: a finished one, or the newest
// transition of a lane's unfinished one. A lane that has none is drawn again: seldom, because then the episode that
// it just finished is among those held.
func (r *Ring) drawEpisode(rng *rand.Rand) int64 {
	finished := r.endCount - r.oldestEnd
	for {
		i := rng.Int64N(finished + int64(len(r.lanes)))
		if i < finished {
			return r.endAt(r.oldestEnd + i)
		}
		if n := int(i - finished); r.lanes[n].Step > 0 {
			return r.newestOf(n)
		}
	}
}

// newestOf returns the number of the newest transition of a lane that has one.
func (r *Ring) newestOf(lane int) int64 {
	newest := r.count - 1
	lanes := int64(r.options.Lanes)
	return newest - ((newest-int64(lane))%lanes+lanes)%lanes
}

func (r *Ring) checkBatch(b *Batch) error {
	if b.ObservationSize != r.options.ObservationSize || b.StateSize != r.options.StateSize {
		return fmt.Errorf("replay: a batch for observations of %d and states of %d numbers, for a ring of %d and %d",
			b.ObservationSize, b.StateSize, r.options.ObservationSize, r.options.StateSize)
	}
	return nil
}
