package replay

import (
	"fmt"
	"slices"
)

// Batch is B windows of T transitions, padded in front, in flat row-major arrays. Rows(from, to) shares them,
// so that batches of several agents lie one after the other in one array.
type Batch struct {
	Size, Steps                int       // B, T
	ObservationSize, StateSize int       // O, S
	Observations               []float32 // [B, T+1, O]; the last is the one after the last transition
	Valid                      []float32 // [B, T+1] 1 at a real observation, 0 at padding
	Actions                    []int32   // [B, T]
	Rewards                    []float32 // [B, T]
	Discounts                  []float32 // [B, T] 0 where a return ends (at a termination, too), else 1; 0 at padding
	LossMask                   []float32 // [B, T] 1 at a transition with loss, 0 at burn-in and padding
	Start                      []float32 // [B, S] state with which the first valid observation is met
	Lengths                    []int32   // [B] transitions with loss
	FirstSteps                 []int32   // [B] step in its episode of the first valid transition
	Episodes                   []int64   // [B] id of the episode
	Indices                    []int64   // [B] number of the last transition, counted from the first push
	// [B] importance weight of the window, at most 1; 1 unless it was drawn with EndPrioritized
	Weights []float32
}

// NewBatch makes a batch of size windows of the given steps for observations and states of those sizes.
func NewBatch(size, steps, observation, state int) (*Batch, error) {
	if size < 1 || steps < 1 || observation < 1 || state < 0 {
		return nil, fmt.Errorf("replay: invalid batch of %d windows of %d steps, observations of %d and states of %d "+
			"numbers", size, steps, observation, state)
	}
	if bytes := BatchBytes(size, steps, observation, state); bytes > maxBytes {
		return nil, fmt.Errorf("replay: a batch of %d windows of %d steps would take %.1f GB: use a smaller one",
			size, steps, bytes/1e9)
	}
	floats := func(n int) []float32 { return make([]float32, size*n) }
	return &Batch{
		Size: size, Steps: steps, ObservationSize: observation, StateSize: state,
		Observations: floats((steps + 1) * observation), Valid: floats(steps + 1),
		Actions: make([]int32, size*steps), Rewards: floats(steps), Discounts: floats(steps), LossMask: floats(steps),
		Start: floats(state), Lengths: make([]int32, size), FirstSteps: make([]int32, size),
		Episodes: make([]int64, size), Indices: make([]int64, size), Weights: floats(1),
	}, nil
}

// BatchBytes returns the memory of a batch of NewBatch.
func BatchBytes(size, steps, observation, state int) float64 {
	t, o := float64(steps), float64(observation)
	return float64(size) * 4 * ((t+1)*(o+1) + 4*t + float64(state) + 7)
}

// Rows returns the batch of rows from <= i < to, in the same memory.
func (b *Batch) Rows(from, to int) *Batch {
	c := *b
	c.Size = to - from
	c.Observations = part(b.Observations, b.Size, from, to)
	c.Valid, c.Start = part(b.Valid, b.Size, from, to), part(b.Start, b.Size, from, to)
	c.Actions, c.Rewards = part(b.Actions, b.Size, from, to), part(b.Rewards, b.Size, from, to)
	c.Discounts, c.LossMask = part(b.Discounts, b.Size, from, to), part(b.LossMask, b.Size, from, to)
	c.Lengths, c.FirstSteps = part(b.Lengths, b.Size, from, to), part(b.FirstSteps, b.Size, from, to)
	c.Episodes, c.Indices = part(b.Episodes, b.Size, from, to), part(b.Indices, b.Size, from, to)
	c.Weights = part(b.Weights, b.Size, from, to)
	return &c
}

// Repeated returns a batch of the same size whose rows are all row i.
func (b *Batch) Repeated(i int) *Batch {
	c := *b
	for _, array := range []*[]float32{&c.Observations, &c.Valid, &c.Rewards, &c.Discounts, &c.LossMask, &c.Start,
		&c.Weights} {
		*array = repeated(*array, b.Size, i)
	}
	c.Actions, c.Lengths, c.FirstSteps = repeated(b.Actions, b.Size, i), repeated(b.Lengths, b.Size,
		i), repeated(b.FirstSteps, b.Size, i)
	c.Episodes, c.Indices = repeated(b.Episodes, b.Size, i), repeated(b.Indices, b.Size, i)
	return &c
}

func repeated[E any](array []E, rows, i int) []E {
	return slices.Repeat(part(array, rows, i, i+1), rows)
}

// part returns rows from <= i < to of a flat array of the given number of rows, without spare capacity.
func part[E any](array []E, rows, from, to int) []E {
	n := len(array) / rows
	return array[from*n : to*n : to*n]
}

// resize changes the steps of the batch in the same memory, which must have room.
func (b *Batch) resize(steps int) {
	b.Steps = steps
	b.Observations = b.Observations[:b.Size*(steps+1)*b.ObservationSize]
	b.Valid = b.Valid[:b.Size*(steps+1)]
	b.Actions, b.Rewards = b.Actions[:b.Size*steps], b.Rewards[:b.Size*steps]
	b.Discounts, b.LossMask = b.Discounts[:b.Size*steps], b.LossMask[:b.Size*steps]
}

// fill writes a window into row i: zeros in front, then the transitions, then the observation after.
func (b *Batch) fill(i int, r *Ring, s span) {
	o, last := b.ObservationSize, r.slot(s.last)
	pad := b.Steps - s.steps
	b.clearFront(i, pad)
	from := i*b.Steps + pad     // of the window in arrays [B, T]
	read := i*(b.Steps+1) + pad // in arrays [B, T+1]
	r.pieces(s, func(slot, n int) {
		copy(b.Observations[read*o:], r.observations[slot*o:(slot+n)*o])
		copy(b.Actions[from:], r.actions[slot:slot+n])
		copy(b.Rewards[from:], r.rewards[slot:slot+n])
		for t, flags := range r.flags[slot : slot+n] {
			b.Discounts[from+t] = discount(flags)
		}
		from, read = from+n, read+n
	})
	copy(b.Observations[read*o:(read+1)*o], r.after(s.last))
	fill(b.Valid[read-s.steps:read+1], 1)
	clear(b.LossMask[from-s.steps : from-s.loss])
	fill(b.LossMask[from-s.loss:from], 1)
	b.Lengths[i], b.FirstSteps[i], b.Episodes[i], b.Indices[i] = int32(s.loss), s.begin, r.episodes[last], s.last
	b.Weights[i] = 1
}

// discount returns 0 where a return ends with a transition, else 1.
func discount(flags uint8) float32 {
	if flags&(terminated|endsReturn) != 0 {
		return 0
	}
	return 1
}

// pieces calls do with each contiguous run of slots of a window, in order: one, or two where it wraps.
func (r *Ring) pieces(s span, do func(slot, n int)) {
	first := r.slot(s.first)
	untilWrap := r.laneSlots - first%r.laneSlots
	if s.steps <= untilWrap {
		do(first, s.steps)
		return
	}
	do(first, untilWrap)
	do(first-first%r.laneSlots, s.steps-untilWrap)
}

func fill(array []float32, value float32) {
	for i := range array {
		array[i] = value
	}
}

// clearFront zeroes the first steps of row i.
func (b *Batch) clearFront(i, steps int) {
	clear(b.Observations[i*(b.Steps+1)*b.ObservationSize:][:steps*b.ObservationSize])
	clear(b.Valid[i*(b.Steps+1):][:steps])
	clear(b.Actions[i*b.Steps:][:steps])
	clear(b.Rewards[i*b.Steps:][:steps])
	clear(b.Discounts[i*b.Steps:][:steps])
	clear(b.LossMask[i*b.Steps:][:steps])
}

// after returns the observation after transition c.
func (r *Ring) after(c int64) []float32 {
	slot := r.slot(c)
	if r.flags[slot]&endsEpisode != 0 {
		return r.finalObservation(int(r.finals[slot]))
	}
	if next := c + int64(r.options.Lanes); next < r.count {
		return r.observation(r.slot(next))
	}
	return r.newestObservation(int(c % int64(r.options.Lanes)))
}
