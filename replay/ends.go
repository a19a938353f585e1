package replay

// endChunk holds endsPerChunk episode ends: the number of the transition that ended the episode, and the observation
// after it. A trial has ten steps or more, so that a ring of all the ends that it could hold would be nearly twice as
// large as one of those that it does hold.
type endChunk struct {
	transitions  []int64   // nil: none of the chunk's ends is held
	observations []float32 // [ends, O]
}

const endsPerChunk = 256

// endsIn returns the number of ends in a chunk.
func (o Options) endsIn() int { return min(endsPerChunk, o.Capacity) }

// chunks returns the number of chunks that hold an end at each transition.
func (o Options) chunks() int { return (o.Capacity + o.endsIn() - 1) / o.endsIn() }

// endBytes returns the memory of a number of chunks.
func (o Options) endBytes(chunks int) float64 {
	return float64(chunks) * float64(o.endsIn()) * (8 + 4*float64(o.ObservationSize))
}

func (o Options) newChunk() endChunk {
	return endChunk{make([]int64, o.endsIn()), make([]float32, o.endsIn()*o.ObservationSize)}
}

// endSlot returns the place of episode end number e.
func (r *Ring) endSlot(e int64) int { return int(e % int64(r.options.Capacity)) }

// chunkOf returns the chunk of episode end number e.
func (r *Ring) chunkOf(e int64) int { return r.endSlot(e) / r.options.endsIn() }

// endAt returns the transition of episode end number e, which must be held.
func (r *Ring) endAt(e int64) int64 {
	return r.ends[r.chunkOf(e)].transitions[r.endSlot(e)%r.options.endsIn()]
}

// finalObservation returns the observation after the episode end in a place.
func (r *Ring) finalObservation(place int) []float32 {
	n := r.options.endsIn()
	return row(r.ends[place/n].observations, place%n, r.options.ObservationSize)
}

// endEpisode records that a transition, in slot, ends its episode.
func (r *Ring) endEpisode(transition int64, slot int, after []float32) {
	place, n := r.endSlot(r.endCount), r.options.endsIn()
	r.needChunk(place / n)
	r.ends[place/n].transitions[place%n], r.finals[slot] = transition, int32(place)
	copy(r.finalObservation(place), after)
	r.endCount++
}

// forgetEnds drops the ends of transitions before oldest, which are about to be overwritten.
func (r *Ring) forgetEnds(oldest int64) {
	for r.oldestEnd < r.endCount && r.endAt(r.oldestEnd) < oldest {
		place := r.endSlot(r.oldestEnd)
		r.clearEnd(place)
		r.oldestEnd++
		r.dropChunk(place / r.options.endsIn())
	}
}

// clearEnd zeroes a place, so that equal rings have equal snapshots whatever they have forgotten.
func (r *Ring) clearEnd(place int) {
	n := r.options.endsIn()
	r.ends[place/n].transitions[place%n] = 0
	clear(r.finalObservation(place))
}

// clearForgotten zeroes every place whose episode end is no longer held. Snapshots of earlier versions left values
// there.
func (r *Ring) clearForgotten() {
	oldest, held, capacity := r.endSlot(r.oldestEnd), int(r.endCount-r.oldestEnd), r.options.Capacity
	for place := range capacity {
		if (place-oldest+capacity)%capacity >= held && r.ends[place/r.options.endsIn()].transitions != nil {
			r.clearEnd(place)
		}
	}
}

// needChunk gives a chunk memory, that of a dropped one if there is any.
func (r *Ring) needChunk(i int) {
	if r.ends[i].transitions != nil {
		return
	}
	if last := len(r.spare) - 1; last >= 0 {
		r.ends[i], r.spare = r.spare[last], r.spare[:last]
		return
	}
	r.ends[i] = r.options.newChunk()
}

// dropChunk takes a chunk's memory away if none of its ends is held. The ends held follow each other from the oldest
// on, around the end of the array.
func (r *Ring) dropChunk(i int) {
	if r.oldestEnd < r.endCount && (r.chunkOf(r.oldestEnd) == i || r.chunkOf(r.endCount-1) == i) {
		return
	}
	r.spare, r.ends[i] = append(r.spare, r.ends[i]), endChunk{}
}

// needChunks gives memory to all chunks with held ends.
func (r *Ring) needChunks() {
	for e := r.oldestEnd; e < r.endCount; e++ {
		r.needChunk(r.chunkOf(e))
	}
}

// parts returns the first n elements of the array that the chunks make up, in pieces. A piece of a chunk without memory
// is a new array of zeros.
func parts[E any](chunks []endChunk, perChunk, n int, of func(endChunk) []E) (list [][]E) {
	for i := 0; n > 0; i++ {
		size := min(n, perChunk)
		part := of(chunks[i])
		if part == nil {
			part = make([]E, size)
		}
		list = append(list, part[:size])
		n -= size
	}
	return list
}

// copyChunks returns a copy of chunks, in the memory of old ones as far as it suffices.
func (o Options) copyChunks(old, chunks []endChunk) []endChunk {
	copied, next := make([]endChunk, len(chunks)), 0
	for i, c := range chunks {
		if c.transitions == nil {
			continue
		}
		for next < len(old) && len(old[next].observations) != len(c.observations) {
			next++
		}
		if next < len(old) {
			copied[i] = old[next]
			next++
		} else {
			copied[i] = o.newChunk()
		}
		copy(copied[i].transitions, c.transitions)
		copy(copied[i].observations, c.observations)
	}
	return copied
}
